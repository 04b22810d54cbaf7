using KvAspire.Paging;

namespace KvAspire.Libraries.Tests;

public sealed class PagingTests
{
    [Theory]
    [InlineData(null, 100)]
    [InlineData("1", 1)]
    [InlineData("1000", 1000)]
    public void A_limit_is_1_to_1000_and_100_where_it_is_absent(string? text, int limit)
    {
        Assert.True(PageLimit.TryParse(text, out var parsed));
        Assert.Equal(limit, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("1001")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1.0")]
    [InlineData("99999999999")]
    public void Any_other_limit_is_refused(string text) => Assert.False(PageLimit.TryParse(text, out _));

    [Theory]
    [InlineData("")]
    [InlineData("users/42")]
    [InlineData("kéy\u0001\U0001F600")]
    public void A_cursor_gives_its_position_back_to_the_same_query(string position) =>
        Assert.Equal(position, Cursor.Read(Cursor.Write(position, "list", "owner", null, "a"), "list", "owner", null, "a"));

    [Fact]
    public void A_cursor_of_another_query_is_refused()
    {
        var cursor = Cursor.Write("42", "list", "owner", "", "a");
        Assert.Null(Cursor.Read(cursor, "list", "owner", null, "a"));
        Assert.Null(Cursor.Read(cursor, "list", "other", "", "a"));
        Assert.Null(Cursor.Read(cursor, "list", "owner", "", "a", ""));
        Assert.Null(Cursor.Read(Cursor.Write("42", "a", "bc"), "ab", "c"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("!!!!")]
    [InlineData("AAAAAAAAAAAA")]
    public void Text_that_is_no_cursor_is_refused(string text) => Assert.Null(Cursor.Read(text, "list"));

    [Fact]
    public void A_cursor_of_invalid_UTF8_or_beyond_the_longest_is_refused()
    {
        var bytes = System.Buffers.Text.Base64Url.DecodeFromChars(Cursor.Write("", "list"));
        Assert.Null(Cursor.Read(System.Buffers.Text.Base64Url.EncodeToString([.. bytes, 0xff]), "list"));
        Assert.Null(Cursor.Read(Cursor.Write(new('x', Cursor.MaxLength), "list"), "list"));
    }
}

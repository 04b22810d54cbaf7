using KvAspire.ServiceDefaults.Requests;

namespace KvAspire.Libraries.Tests;

public sealed class JsonMediaTypeTests
{
    [Theory]
    [InlineData("application/json", true)]
    [InlineData("application/json; charset=utf-8", true)]
    [InlineData("application/json;charset=utf8", true)]
    [InlineData("application/json; charset=\"utf-8\"", true)]
    [InlineData("application/json; charset=\"Utf8\"; boundary=x", true)]
    [InlineData("APPLICATION/JSON; CHARSET=UTF-8", true)]
    [InlineData("application/merge-patch+json", true)]
    [InlineData("application/json; charset=utf-16", false)]
    [InlineData("application/json; charset=\"utf-7\"", false)]
    [InlineData("application/json; charset=\"\"", false)]
    [InlineData("application/json; charset='utf-8'", false)]
    [InlineData("text/plain", false)]
    [InlineData("application/jsonp", false)]
    [InlineData("application/json, application/json", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_media_type_is_JSON_in_UTF_8_in_any_spelling(string? contentType, bool isJson) =>
        Assert.Equal(isJson, JsonMediaType.Matches(contentType));
}

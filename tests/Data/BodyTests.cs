using System.Text;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Malformed and hostile bodies.</summary>
public sealed class BodyTests(World world)
{
    private readonly User user = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string> BodiesThatAreNoObject =>
    [
        "", " ", "\"\"", "[]", "null", "1", "true", "{", "}", "{]", "{}{}", "{\"key\":\"k\",\"value\":1", "{\"key\":\"k\",\"value\":1}x",
        "{'key':'k','value':1}", "{\"key\":\"k\",\"value\":01}", "{\"key\":\"k\",\"value\":NaN}", "{\"key\":\"k\",\"value\":1,}",
        "{\"key\":\"k\",/**/\"value\":1}", "{\"key\":\"k\",\"value\":\"\n\"}", "\uFEFF", "\uFEFF1", "\uFEFF\uFEFF{}", "{}\uFEFF", new string('{', 100_000),
    ];

    public static TheoryData<string> BodiesThatAreTooDeep =>
    [
        Nested(64), Nested(300), Nested(100_000), new string('[', 100_000), $"{new string('[', 65)}{{]",
    ];

    // Each character stands for one byte (Latin-1).
    public static TheoryData<string> BodiesThatAreNoUtf8 =>
    [
        "{\"key\":\"k\",\"value\":\"\u00ff\"}", "{\"key\":\"\u00c3\",\"value\":1}", "{\"key\":\"k\",\"value\":\"\u00ed\u00a0\u0080\"}",
        "{\"key\":\"k\",\"value\":\"\u00c0\u0080\"}", "\u00ff\u00fe{\0}\0",
    ];

    [Theory]
    [MemberData(nameof(BodiesThatAreNoObject))]
    public async Task A_body_that_is_no_JSON_object_is_refused(string body) => await AssertRefusedAsync(Encoding.UTF8.GetBytes(body));

    [Theory]
    [MemberData(nameof(BodiesThatAreTooDeep))]
    public async Task A_body_that_is_nested_too_deep_is_refused_and_told_the_limit(string body) =>
        await AssertRefusedAsync(Encoding.UTF8.GetBytes(body), "The body may be nested at most 64 levels deep.");

    [Theory]
    [InlineData("""{"\ud800":1,"key":"k","value":1}""")]
    [InlineData("""{"value":1,"\udc00\ud800":1}""")]
    public async Task A_name_with_half_a_surrogate_pair_is_refused_and_told(string body) =>
        await AssertRefusedAsync(Encoding.UTF8.GetBytes(body), "A name in the body has half of a surrogate pair, which is no text.");

    [Fact]
    public async Task A_value_may_be_nested_up_to_the_limit()
    {
        Assert.Equal(201, (int)(await user.PostAsync(Nested(63))).StatusCode);
        await Envelope.AssertBodyAsync(await user.GetAsync("/api/data/k"), 200,
            User.Found("k", new string('[', 63) + new string(']', 63)), Cancelled);
    }

    [Fact]
    public async Task A_byte_order_mark_is_ignored()
    {
        byte[] mark = [0xEF, 0xBB, 0xBF];
        Assert.Equal(201, (int)(await user.SendAsync(HttpMethod.Post, "/api/data", User.Json([.. mark, .. """{"key":"k","value":1}"""u8]))).StatusCode);
        Assert.Equal(200, (int)(await user.SendAsync(HttpMethod.Put, "/api/data/k", User.Json([.. mark, .. """{"value":"\uFEFF"}"""u8]))).StatusCode);
        await Envelope.AssertBodyAsync(await user.GetAsync("/api/data/k"), 200, User.Found("k", "\"\\uFEFF\""), Cancelled);
    }

    // A lone surrogate parses, but throws when a text or a member name is read.
    [Theory]
    [InlineData("/api/bulk", """{"operations":[{"op":"\ud800","key":"k","value":1}]}""", 200)]
    [InlineData("/api/bulk", """{"operations":[{"\udc00":"put","op":"put","key":"k","value":1}]}""", 200)]
    [InlineData("/api/bulk", """{"operations":[{"op":"put","key":"k","value":1,"expires_at":"\ud8000-01-01T00:00:00Z"}]}""", 200)]
    [InlineData("/api/txn", """{"operations":[{"op":"\udc00\ud800","key":"k","value":1}]}""", 400)]
    [InlineData("/api/txn", """{"checks":[{"\ud800":1,"key":"k","exists":false}],"operations":[{"op":"put","key":"k","value":1}]}""", 400)]
    [InlineData("/api/data", """{"key":"k","value":1,"expires_at":"\ud8000-01-01T00:00:00Z"}""", 400)]
    public async Task An_escaped_lone_surrogate_is_refused_and_stores_nothing(string target, string body, int status)
    {
        var response = await user.SendAsync(HttpMethod.Post, target, User.Json(body));

        var text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True((int)response.StatusCode == status, text);
        if (status == 200)
            Assert.Contains("\"status\":400", text, StringComparison.Ordinal);
        Assert.Equal(404, (int)(await user.GetAsync("/api/data/k")).StatusCode);
    }

    [Fact]
    public async Task A_value_may_escape_a_lone_surrogate_and_comes_back_as_sent()
    {
        await user.StoreAsync("k", """{"\ud800":"\udc00"}""");
        await Envelope.AssertBodyAsync(await user.GetAsync("/api/data/k"), 200, User.Found("k", """{"\ud800":"\udc00"}"""), Cancelled);
    }

    [Theory]
    [MemberData(nameof(BodiesThatAreNoUtf8))]
    public async Task Invalid_UTF_8_is_refused(string bytes) => await AssertRefusedAsync(Encoding.Latin1.GetBytes(bytes));

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=\"iso-8859-1\"")]
    [InlineData("application/xml")]
    public async Task Other_content_types_than_JSON_are_refused(string contentType)
    {
        foreach (var (method, target) in Writes)
        {
            var body = User.Json("""{"key":"k","value":1}"""u8.ToArray(), contentType);
            await Envelope.AssertErrorAsync(await user.SendAsync(method, target, body), 415, "UNSUPPORTED_MEDIA_TYPE",
                "The request body must be application/json in UTF-8.", Cancelled);
        }
    }

    [Theory]
    [InlineData("application/json; charset=\"utf-8\"")]
    [InlineData("application/json;charset=utf8")]
    [InlineData("Application/JSON; Charset=\"UTF8\"")]
    [InlineData("application/merge-patch+json; charset=UTF-8")]
    public async Task JSON_in_UTF_8_is_accepted_in_any_spelling(string contentType)
    {
        var body = User.Json("""{"key":"k","value":1}"""u8.ToArray(), contentType);
        Assert.Equal(201, (int)(await user.SendAsync(HttpMethod.Post, "/api/data", body)).StatusCode);
    }

    [Theory]
    [InlineData("gzip"), InlineData("br"), InlineData("identity, gzip"), InlineData("GZIP"), InlineData("x-unknown")]
    public async Task A_body_with_a_content_coding_is_refused_and_the_answer_names_the_accepted_one(string coding)
    {
        foreach (var (method, target) in Writes)
        {
            var body = User.Json("""{"key":"k","value":1}"""u8.ToArray());
            body.Headers.TryAddWithoutValidation("Content-Encoding", coding);
            var refused = await user.SendAsync(method, target, body);

            Assert.Equal(["identity"], refused.Headers.GetValues("Accept-Encoding"));
            await Envelope.AssertErrorAsync(refused, 415, "UNSUPPORTED_MEDIA_TYPE",
                "The request body must have no content coding. Please send it without Content-Encoding.", Cancelled);
        }
    }

    [Fact]
    public async Task A_body_with_the_coding_identity_is_accepted()
    {
        var body = User.Json("""{"key":"k","value":1}"""u8.ToArray());
        body.Headers.ContentEncoding.Add("identity");
        Assert.Equal(201, (int)(await user.SendAsync(HttpMethod.Post, "/api/data", body)).StatusCode);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_of_requests_is_refused_with_or_without_Content_Length()
    {
        var body = new byte[(2 * 1024 * 1024) + 1];
        body.AsSpan().Fill((byte)'{');
        foreach (var (method, target) in Writes)
        {
            await AssertTooLargeAsync(await user.SendAsync(method, target, User.Json(body)));

            var stream = new StreamContent(new Unmeasured(body));
            stream.Headers.ContentType = new("application/json");
            await AssertTooLargeAsync(await user.SendAsync(method, target, stream));
        }
    }

    private static (HttpMethod Method, string Target)[] Writes => [(HttpMethod.Post, "/api/data"), (HttpMethod.Put, "/api/data/k")];

    // The object is one level.
    private static string Nested(int levels) => $"{{\"key\":\"k\",\"value\":{new string('[', levels)}{new string(']', levels)}}}";

    private async Task AssertRefusedAsync(byte[] body, string rule = "The body must be a JSON object.")
    {
        foreach (var (method, target) in Writes)
        {
            await Envelope.AssertErrorAsync(await user.SendAsync(method, target, User.Json(body)), 400, "INVALID_REQUEST",
                $"Invalid request. {rule}", Cancelled);
        }
    }

    private static async Task AssertTooLargeAsync(HttpResponseMessage response) => await Envelope.AssertErrorAsync(
        response, 413, "PAYLOAD_TOO_LARGE", "The request body is larger than allowed.", Cancelled);

    // Without a length the client sends chunks.
    private sealed class Unmeasured(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}

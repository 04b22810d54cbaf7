using System.Net.Http.Headers;
using System.Text;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Identity.Tests;

public sealed class HostileBodyTests(IdentityFixture identity)
{
    private const string NoObject = "Invalid request. The body must be a JSON object.";
    private const string NoRegistration = "Invalid request. Please provide all required fields: username, email, password, full_name.";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string> NotObjects =>
        ["", "\"\"", "[]", "null", "1", "true", "{", "}", "{\"username\":}", "{\"a\":1}{}", "{'a':1}", "{\"a\":1,}", "\u0000", "\uFEFF", "username=a&password=b"];

    [Theory, MemberData(nameof(NotObjects))]
    public async Task Body_that_is_not_a_JSON_object_is_refused(string body)
    {
        await AssertRefusedAsync(Encoding.UTF8.GetBytes(body));
    }

    [Fact]
    public async Task Body_in_invalid_UTF8_is_refused() =>
        await AssertRefusedAsync([.. "{\"username\":\""u8, 0xC3, 0x28, .. "\",\"password\":\"x\"}"u8]);

    [Fact]
    public async Task Deeply_nested_body_is_refused() =>
        await AssertRefusedAsync(Encoding.UTF8.GetBytes("{\"a\":" + new string('[', 10_000) + new string(']', 10_000) + "}"),
            "Invalid request. The body may be nested at most 64 levels deep.");

    [Fact]
    public async Task Name_with_half_a_surrogate_pair_is_refused() => await AssertRefusedAsync(
        "{\"user\\ud800name\":\"a\"}"u8.ToArray(), "Invalid request. A name in the body has half of a surrogate pair, which is no text.");

    [Theory]
    [InlineData("/api/register", """{"username":"a","e_mail":"a@example.com"}""", "e_mail")]
    [InlineData("/api/token", """{"username":"a","password":"b","user":"a"}""", "user")]
    public async Task Unknown_member_is_named_where_the_client_prefers_strict_handling(string path, string body, string member)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Bytes(Encoding.UTF8.GetBytes(body)) };
        request.Headers.Add("Prefer", "handling=strict");
        using var response = await identity.Client.SendAsync(request, Cancelled);
        Assert.Equal("handling=strict", response.Headers.GetValues("Preference-Applied").Single());
        await Envelope.AssertErrorAsync(response, 400, "INVALID_REQUEST", $"Invalid request. Unknown members: {member}.", Cancelled,
            $$"""{"{{member}}":["This member is unknown."]}""");
    }

    [Theory]
    [InlineData("/api/register", false)]
    [InlineData("/api/register", true)]
    [InlineData("/api/token", false)]
    [InlineData("/api/token", true)]
    public async Task Body_of_5_MB_is_refused_whether_or_not_it_announces_its_size(string path, bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Bytes(Encoding.ASCII.GetBytes(new string('{', 5_000_000))) };
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await identity.Client.SendAsync(request, Cancelled);
        await Envelope.AssertErrorAsync(response, 413, "PAYLOAD_TOO_LARGE", "The request body is larger than allowed.", Cancelled);
    }

    [Theory]
    [InlineData("/api/register", "text/plain")]
    [InlineData("/api/register", "application/x-www-form-urlencoded")]
    [InlineData("/api/register", "application/json; charset=utf-16")]
    [InlineData("/api/token", "text/plain")]
    [InlineData("/api/token", null)]
    public async Task Body_of_another_content_type_is_refused(string path, string? contentType)
    {
        using var content = Bytes("{}"u8.ToArray());
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        using var response = await identity.Client.PostAsync(path, content, Cancelled);
        await Envelope.AssertErrorAsync(response, 415, "UNSUPPORTED_MEDIA_TYPE", "The request body must be application/json in UTF-8.", Cancelled);
    }

    [Theory]
    [InlineData("/api/register")]
    [InlineData("/api/token")]
    public async Task Compressed_body_is_refused_and_the_answer_names_the_accepted_coding(string path)
    {
        using var content = Bytes("{}"u8.ToArray());
        content.Headers.ContentEncoding.Add("gzip");
        using var response = await identity.Client.PostAsync(path, content, Cancelled);
        Assert.Equal(["identity"], response.Headers.GetValues("Accept-Encoding"));
        await Envelope.AssertErrorAsync(response, 415, "UNSUPPORTED_MEDIA_TYPE", "The request body must have no content coding. Please send it without Content-Encoding.", Cancelled);
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded", "gzip", 415, "The request body must have no content coding. Please send it without Content-Encoding.")]
    [InlineData("application/x-www-form-urlencoded; charset=us-ascii", null, 400, "grant_type is missing.")]
    [InlineData("application/x-www-form-urlencoded; charset=\"UTF-8\"", "identity", 400, "grant_type is missing.")]
    [InlineData("application/json", null, 400, "The body must be application/x-www-form-urlencoded.")]
    public async Task Form_with_a_content_coding_or_of_another_type_is_an_OAuth_error(string contentType, string? coding, int status, string description)
    {
        using var content = Bytes("scope=x"u8.ToArray());
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        if (coding is not null)
            content.Headers.ContentEncoding.Add(coding);
        using var response = await identity.Client.PostAsync("/connect/token", content, Cancelled);
        Assert.Equal(status is 415, response.Headers.Contains("Accept-Encoding"));
        await Envelope.AssertOAuthErrorAsync(response, status, "invalid_request", description, Cancelled);
    }

    [Fact]
    public async Task Errors_about_methods_and_addresses_use_the_envelope()
    {
        using var method = await identity.Client.GetAsync("/api/register", Cancelled);
        await Envelope.AssertErrorAsync(method, 405, "METHOD_NOT_ALLOWED", "This address does not answer this method.", Cancelled);

        using var address = await identity.Client.GetAsync("/api/nothing", Cancelled);
        await Envelope.AssertErrorAsync(address, 404, "NOT_FOUND", "There is nothing at this address.", Cancelled);
    }

    [Theory, MemberData(nameof(Anonymous))]
    public async Task Hostile_bodies_never_cause_a_server_error(string path)
    {
        var (count, seed) = (Setting("BODIES", 500), Setting("SEED", Random.Shared.Next()));
        var (statuses, failures) = await new HostileRequests(identity.Client.BaseAddress!, seed).SendAsync(path, count, Cancelled);

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{path}, seed {seed}: {string.Join(", ", statuses.OrderBy(status => status.Key).Select(status => $"{status.Value} x {status.Key}"))}");
        Assert.True(failures.Count == 0, $"{failures.Count} of {count}: {string.Join("\n\n", failures.Take(3))}");
        Assert.Equal(count, statuses.Values.Sum());
    }

    public static TheoryData<string> Anonymous => [.. HostileRequests.Endpoints];

    // KVASPIRE_HOSTILE_BODIES=10000 runs longer, KVASPIRE_HOSTILE_SEED repeats a run.
    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable($"KVASPIRE_HOSTILE_{name}") is { } text ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : otherwise;

    private async Task AssertRefusedAsync(byte[] body, string? message = null)
    {
        using var register = await identity.Client.PostAsync("/api/register", Bytes(body), Cancelled);
        await Envelope.AssertErrorAsync(register, 400, "INVALID_REQUEST", message ?? NoRegistration, Cancelled);

        using var token = await identity.Client.PostAsync("/api/token", Bytes(body), Cancelled);
        await Envelope.AssertErrorAsync(token, 400, "INVALID_REQUEST", message ?? NoObject, Cancelled);
    }

    private static ByteArrayContent Bytes(byte[] body) => new(body) { Headers = { ContentType = new("application/json") } };
}

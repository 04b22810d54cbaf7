using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.AppHost.Tests;

public sealed class HostileBodyTests(RunningSystem system)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> EveryBodyAtEveryEndpoint()
    {
        var data = new TheoryData<string, string>();
        foreach (var endpoint in new[] { "POST /api/register", "POST /api/token", "POST /api/data", "PUT /api/data/some-key" })
        {
            foreach (var body in Bodies.Keys)
                data.Add(endpoint, body);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(EveryBodyAtEveryEndpoint))]
    public async Task A_hostile_body_gets_a_client_error_in_the_envelope(string endpoint, string body)
    {
        var account = await HostileUser.Value.WaitAsync(Cancel);
        using var gateway = system.Client("gateway", account.AccessToken);
        var (method, path) = (endpoint.Split(' ')[0], endpoint.Split(' ')[1]);
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = Bodies[body]() };

        using var answer = await gateway.SendAsync(request, Cancel);

        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.InRange((int)answer.StatusCode, 400, 499);
        var envelope = JsonNode.Parse(text)!.AsObject();
        Assert.Equal("error", envelope["status"]!.GetValue<string>());
        Assert.NotEmpty(envelope["code"]!.GetValue<string>());
        Assert.Equal(32, envelope["trace_id"]!.GetValue<string>().Length);
    }

    [Theory]
    [MemberData(nameof(Anonymous))]
    public async Task Hostile_anonymous_posts_never_get_a_5xx(string path)
    {
        var (count, seed) = (Setting("BODIES", 250), Setting("SEED", Random.Shared.Next()));
        using var gateway = system.Client("gateway");
        var (statuses, failures) = await new HostileRequests(gateway.BaseAddress!, seed).SendAsync(path, count, Cancel);

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{path}, seed {seed}: {string.Join(", ", statuses.OrderBy(status => status.Key).Select(status => $"{status.Value} x {status.Key}"))}");
        Assert.True(failures.Count == 0, $"{failures.Count} of {count}: {string.Join("\n\n", failures.Take(3))}");
        Assert.Equal(count, statuses.Values.Sum());
    }

    public static TheoryData<string> Anonymous => [.. HostileRequests.Endpoints];

    [Fact]
    public async Task Hostile_calls_of_a_user_never_get_a_5xx_or_an_error_without_the_envelope()
    {
        var (count, seed) = (Setting("CALLS", 250), Setting("SEED", Random.Shared.Next()));
        var account = await HostileUser.Value.WaitAsync(Cancel);
        using var gateway = system.Client("gateway");
        var (statuses, failures) = await new HostileCalls(gateway.BaseAddress!, account.AccessToken, seed).SendAsync(count, Cancel);

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"seed {seed}: {string.Join(", ", statuses.OrderBy(status => status.Key).Select(status => $"{status.Value} x {status.Key}"))}");
        Assert.True(failures.Count == 0, $"{failures.Count} of {count}: {string.Join("\n\n", failures.Take(8))}");
        Assert.Equal(count, statuses.Values.Sum());
    }

    // KVASPIRE_HOSTILE_BODIES=10000 and KVASPIRE_HOSTILE_CALLS=20000 are the long forms. KVASPIRE_HOSTILE_SEED repeats a run.
    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable($"KVASPIRE_HOSTILE_{name}") is { } text ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : otherwise;

    private static Dictionary<string, Func<HttpContent>> Bodies { get; } = new()
    {
        ["nothing"] = () => Json(""),
        ["an empty string"] = () => Json("\"\""),
        ["an array"] = () => Json("[]"),
        ["null"] = () => Json("null"),
        ["an object with a number for a text"] = () => Json("""{"username":1,"key":1}"""),
        ["5 MB of {"] = () => Json(new string('{', 5_000_000)),
        ["invalid UTF-8"] = () => Bytes([.. "{\"username\":\""u8, 0xC3, 0x28, .. "\"}"u8], "application/json"),
        ["a wrong content type"] = () => Bytes("{}"u8.ToArray(), "text/plain"),
        ["a form"] = () => Bytes("username=a&password=b"u8.ToArray(), "application/x-www-form-urlencoded"),
        ["another charset"] = () => Bytes("{}"u8.ToArray(), "application/json; charset=utf-16"),
        ["deep nesting"] = () => Json($$"""{"key":"k","value":{{new string('[', 100_000)}}{{new string(']', 100_000)}}}"""),
    };

    private Lazy<Task<Account>> HostileUser { get; } = new(() => system.RegisterAsync(CancellationToken.None));

    private static ByteArrayContent Json(string body) => Bytes(Encoding.UTF8.GetBytes(body), "application/json");

    private static ByteArrayContent Bytes(byte[] body, string contentType) =>
        new(body) { Headers = { ContentType = MediaTypeHeaderValue.Parse(contentType) } };
}

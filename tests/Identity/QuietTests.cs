using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.ServiceDefaults.Telemetry;
using KvAspire.TestKit;
using Microsoft.Extensions.Logging;

namespace KvAspire.Identity.Tests;

/// <summary>The log has a line for each refusal, and none for a request that succeeds.</summary>
public sealed class QuietTests(IdentityFixture identity) : IAsyncLifetime
{
    private readonly HeardLog log = new();
    private QuickIdentity service = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        service = new(await identity.CreateMigratedDatabaseAsync(Cancelled), services => log.Attend(services));
        await HealthAnswer.AskAsync(service.Client, Cancelled);
        log.Clear();
    }

    public ValueTask DisposeAsync() => service.DisposeAsync();

    [Fact]
    public async Task Requests_that_succeed_leave_no_line()
    {
        var person = Person.New();
        await person.RegisterAsync(service.Client, Cancelled);
        var (access, refresh) = await person.BeginSessionAsync(service.Client, Cancelled);
        await AskAsync("/api/token", HttpMethod.Post, 200, null, new JsonObject { ["grant_type"] = "refresh_token", ["refresh_token"] = refresh });
        await AskAsync("/api/account", HttpMethod.Get, 200, access);
        await AskAsync("/api/account/sessions", HttpMethod.Get, 200, access);
        await AskAsync("/api/keys", HttpMethod.Get, 200, access);
        await AskAsync("/.well-known/jwks.json", HttpMethod.Get, 200);
        await AskAsync("/.well-known/openid-configuration", HttpMethod.Get, 200);
        await AskAsync("/health", HttpMethod.Get, 200);
        await AskAsync("/api/logout", HttpMethod.Post, 200, access, []);
        await Task.Delay(TimeSpan.FromSeconds(2), Cancelled); // what runs in the background, too

        Assert.Empty(Lines().Select(line => $"{line.Category}: {line.Text}"));
    }

    [Fact]
    public async Task Refusals_are_a_line_each_in_the_envelope_and_in_OAuth()
    {
        await AskAsync("/api/token", HttpMethod.Post, 401, null, new JsonObject { ["username"] = "nobody-at-all", ["password"] = "a password of nobody" });
        using var form = new FormUrlEncodedContent([new("grant_type", "refresh_token"), new("refresh_token", "none")]);
        using var refused = await service.Client.PostAsync("/connect/token", form, Cancelled);
        Assert.Equal(400, (int)refused.StatusCode);

        Assert.Equal(
            ["POST /api/token is refused with 401 INVALID_CREDENTIALS: as the code says.", "POST /connect/token is refused with 400 invalid_grant: as the code says."],
            Lines().Select(line => line.Text));
        Assert.All(Lines(), line => Assert.Equal((LogLevel.Information, EventIds.RequestRefused), (line.Level, line.Id.Id)));
    }

    private IEnumerable<HeardLine> Lines() => log.Lines.Where(line => line.Level >= LogLevel.Information);

    private async Task AskAsync(string path, HttpMethod method, int expected, string? token = null, JsonObject? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : Person.Json(body) };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var response = await service.Client.SendAsync(request, Cancelled);
        Assert.True(expected == (int)response.StatusCode, $"{path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Cancelled)}");
    }
}

using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Identity.Tests;

/// <summary>The dates of requests. The library's own tests have every form of RFC 3339.</summary>
public sealed class DateTests(IdentityFixture identity)
{
    private static readonly string[] Scopes = ["kv:read"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("03/04/2999")]
    [InlineData("23:59")]
    [InlineData("2999-06")]
    [InlineData("2999-06-01")]
    [InlineData("2999-06-01T00:00:00")]
    [InlineData("2999-06-01 00:00:00Z")]
    public async Task A_date_without_day_time_or_zone_is_refused_by_name(string date)
    {
        var person = Person.New();
        await person.RegisterAsync(identity.Client, Cancelled);
        using var user = identity.Service.ClientWith(await person.SignInAsync(identity.Client, Cancelled));
        using var admin = identity.Service.ClientWith(await identity.Service.SignInAdministratorAsync(Cancelled));

        using var key = await user.PostAsJsonAsync("/api/keys", new { name = "ci", scopes = Scopes, expires_at = date }, Cancelled);
        using var audit = await admin.GetAsync($"/api/admin/audit?from={Uri.EscapeDataString(date)}", Cancelled);

        await Envelope.AssertErrorAsync(key, 400, "INVALID_API_KEY", "Invalid API key. Please provide a name and scopes, and perhaps a key_prefix and expires_at.", Cancelled,
            """{"expires_at":["This field must be a moment in the future (RFC 3339), such as 2030-01-01T00:00:00Z."]}""");
        await Envelope.AssertErrorAsync(audit, 400, "INVALID_REQUEST", "Invalid request. A parameter is not valid.", Cancelled,
            """{"from":["This parameter must be a moment in the form of RFC 3339, such as 2026-01-31T12:00:00Z."]}""");
    }

    [Theory]
    [InlineData("2999-06-01t00:00:00z", "2999-06-01T00:00:00+00:00")]
    [InlineData("2999-06-01T00:00:00.250-01:00", "2999-06-01T01:00:00.25+00:00")]
    public async Task A_date_with_a_zone_is_the_same_moment_in_utc(string date, string moment)
    {
        var person = Person.New();
        await person.RegisterAsync(identity.Client, Cancelled);
        using var user = identity.Service.ClientWith(await person.SignInAsync(identity.Client, Cancelled));

        using var created = await user.PostAsJsonAsync("/api/keys", new { name = "ci", scopes = Scopes, expires_at = date }, Cancelled);

        Assert.Equal(moment, (await created.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!["expires_at"]!.GetValue<string>());
    }
}

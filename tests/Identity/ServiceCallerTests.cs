using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Identity.Tests;

/// <summary>Callers at the service's own port that are no services, or not the gateway.</summary>
public sealed class ServiceCallerTests(IdentityFixture identity)
{
    private const string Message = "This address answers only to services of this deployment.";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Internal => new()
    {
        { "GET", "/internal/revocations" },
        { "GET", "/internal/revocations?after=0" },
        { "GET", "/INTERNAL/Revocations" },
        { "GET", "/%69nternal/revocations" },
        { "POST", "/internal/api-keys/exchange" },
        { "POST", "/internal/signing-keys/rotate" },
        { "GET", "/internal" },
        { "GET", "/internal/nothing" },
    };

    [Theory]
    [MemberData(nameof(Internal))]
    public async Task Internal_endpoint_refuses_a_caller_without_the_secret_of_the_services(string method, string path)
    {
        using var client = new HttpClient { BaseAddress = identity.Client.BaseAddress };
        string?[] secrets = [null, "", "x", TestIssuer.ServiceSecret[..^1], TestIssuer.ServiceSecret + "x", TestIssuer.ServiceSecret.ToUpperInvariant()];
        foreach (var secret in secrets)
        {
            using var request = new HttpRequestMessage(new(method), path);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", IdentityService.OperatorSecret);
            if (secret is not null)
                request.Headers.TryAddWithoutValidation(TestIssuer.ServiceSecretHeader, secret);
            if (method == "POST")
                request.Content = Person.Json(new JsonObject { ["api_key"] = "x" });

            using var refused = await client.SendAsync(request, Cancelled);
            await Envelope.AssertErrorAsync(refused, 403, "INSUFFICIENT_SCOPE", Message, Cancelled);
        }
    }

    [Theory]
    [InlineData(true, false, "203.0.113.7")]
    [InlineData(false, false, "127.0.0.1")]
    [InlineData(false, true, "127.0.0.1")]
    public async Task Forwarded_address_is_believed_from_trusted_networks_only(bool isTrusted, bool asksAspNetCoreToBelieve, string expected)
    {
        var database = await identity.CreateMigratedDatabaseAsync(Cancelled);
        await using var service = IdentityService.Start(
            database, settings: [("TrustedNetworks:0", isTrusted ? "127.0.0.0/8" : "10.0.0.0/8"), ("ForwardedHeaders_Enabled", asksAspNetCoreToBelieve.ToString())]);
        using var client = service.NewClient();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        var id = await Person.New().RegisterAsync(client, Cancelled);

        Assert.Equal([expected], await IdentityFixture.QueryAsync(database, $"SELECT host(client_address) FROM audit_events WHERE subject = '{id}'", Cancelled));
    }
}

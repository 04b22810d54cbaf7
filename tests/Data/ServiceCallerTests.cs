using KvAspire.GatewayProtocol;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Callers at the service's own port that are no services of the deployment.</summary>
public sealed class ServiceCallerTests(World world)
{
    private const string Message = "This address answers only to services of this deployment.";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST", ReadRequests.Path)]
    [InlineData("POST", WriteRequests.Path)]
    [InlineData("POST", "/INTERNAL/reads/1")]
    [InlineData("POST", "/internal/history/compact")]
    [InlineData("GET", "/internal/owners/someone")]
    [InlineData("DELETE", "/internal/owners/someone")]
    [InlineData("DELETE", "/%69nternal/owners/someone")]
    [InlineData("GET", "/internal/nothing")]
    public async Task Internal_endpoint_refuses_a_caller_without_the_secret_of_the_services(string method, string path)
    {
        using var client = new HttpClient();
        string?[] secrets = [null, "", TestIssuer.ServiceSecret[..^1], TestIssuer.ServiceSecret + "x"];
        foreach (var secret in secrets)
        {
            using var request = new HttpRequestMessage(new(method), world.Data.Address + path);
            request.Headers.Authorization = new("Bearer", world.Issuer.Issue("identity", "kv:internal"));
            if (secret is not null)
                request.Headers.TryAddWithoutValidation(TestIssuer.ServiceSecretHeader, secret);

            using var refused = await client.SendAsync(request, Cancelled);
            await Envelope.AssertErrorAsync(refused, 403, "INSUFFICIENT_SCOPE", Message, Cancelled);
        }
    }
}

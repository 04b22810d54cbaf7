using KvAspire.Client;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a health check of the system behind a client.</summary>
public static class KvHealthChecks
{
    /// <summary>Adds a check that the gateway's <c>/health</c> answers with success. It needs no token, and is not repeated.</summary>
    /// <param name="checks">The health checks.</param>
    /// <param name="client">The name of a keyed client; null for the client without a key.</param>
    /// <param name="name">The name of the check; by default that of the HTTP client.</param>
    /// <param name="failureStatus">The status after a failure; null for unhealthy.</param>
    /// <param name="tags">The tags of the check.</param>
    public static IHealthChecksBuilder AddKvClient(
        this IHealthChecksBuilder checks, string? client = null, string? name = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(checks);
        return checks.Add(new(name ?? KvHttp.NameOf(client ?? ""), provider => new Check(provider, client ?? Options.Options.DefaultName), failureStatus, tags));
    }

    private sealed class Check(IServiceProvider provider, string client) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var address = provider.GetRequiredService<IOptionsMonitor<KvClientSettings>>().Get(client).Address!.AbsoluteUri;
            using var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient(KvHttp.NameOf(client));
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(address.TrimEnd('/') + "/"), "health"));
            request.Options.Set(Repetition.Once, true);
            try
            {
                using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
                return response.IsSuccessStatusCode
                    ? HealthCheckResult.Healthy()
                    : new(context.Registration.FailureStatus, $"The gateway answered {(int)response.StatusCode}.");
            }
            catch (Exception failure) when (failure is HttpRequestException or TimeoutException)
            {
                return new(context.Registration.FailureStatus, "The gateway did not answer.", failure);
            }
        }
    }
}

using System.Net;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;

namespace KvAspire.Gateway.Forwarding;

/// <summary>
/// The services' addresses, as <c>services:&lt;name&gt;:&lt;endpoint&gt;:&lt;n&gt;</c>: one destination for each <c>n</c>. Where
/// a service has <c>h2c</c> endpoints it is called over cleartext HTTP/2, else at its <c>http</c> endpoints over HTTP/1.1.
/// </summary>
internal static class ServiceClusters
{
    public static ClusterConfig FromConfiguration(IConfiguration configuration, string service)
    {
        var h2c = Destinations(configuration, service, "h2c");
        var destinations = h2c.Count > 0 ? h2c : Destinations(configuration, service, "http");
        if (destinations.Count == 0)
            throw Impossible($"Set services__{service}__h2c__0 or services__{service}__http__0 to the address of the {service} service.");

        return new ClusterConfig
        {
            ClusterId = service,
            Destinations = destinations,
            LoadBalancingPolicy = LoadBalancingPolicies.PowerOfTwoChoices,
            HttpRequest = new ForwarderRequestConfig
            {
                Version = h2c.Count > 0 ? HttpVersion.Version20 : HttpVersion.Version11,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            },
            HealthCheck = new HealthCheckConfig
            {
                // With nobody left who looks healthy all are tried: a lone replica that is back serves at once.
                AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
                Passive = new PassiveHealthCheckConfig
                {
                    Enabled = true,
                    Policy = LostReplicas.PolicyName,
                    ReactivationPeriod = TimeSpan.FromSeconds(10),
                },
                // Two failures in a row: a replica that hangs is out within 15 seconds. The probe uses the same address
                // and the same version of HTTP as the requests.
                Active = new ActiveHealthCheckConfig
                {
                    Enabled = true,
                    Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures,
                    Path = "/health",
                    Interval = TimeSpan.FromSeconds(5),
                    Timeout = TimeSpan.FromSeconds(3),
                },
            },
        };
    }

    private static Dictionary<string, DestinationConfig> Destinations(IConfiguration configuration, string service, string endpoint) =>
        configuration.GetSection($"services:{service}:{endpoint}").GetChildren().ToDictionary(
            address => $"{endpoint}-{address.Key}",
            address => new DestinationConfig { Address = Checked(address) });

    private static string Checked(IConfigurationSection address) =>
        Uri.TryCreate(address.Value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.PathAndQuery == "/"
            ? uri.GetLeftPart(UriPartial.Authority)
            : throw Impossible($"{address.Path.Replace(":", "__", StringComparison.Ordinal)} is \"{address.Value}\"; "
                + "it must be an address such as http://localhost:8092.");

    private static OptionsValidationException Impossible(string sentence) => new("services", typeof(ClusterConfig), [sentence]);
}

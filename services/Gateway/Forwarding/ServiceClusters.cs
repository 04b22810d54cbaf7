using System.Net;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;

namespace KvAspire.Gateway.Forwarding;

/// <summary>
/// Reads the services' addresses from <c>services:&lt;name&gt;:&lt;endpoint&gt;:&lt;n&gt;</c>, one replica for each <c>n</c>. The
/// gateway calls <c>h2c</c> endpoints over cleartext HTTP/2; a service without them, at its <c>http</c> endpoints over HTTP/1.1.
/// </summary>
internal static class ServiceClusters
{
    public static ClusterConfig FromConfiguration(IConfiguration configuration, string service)
    {
        var h2c = Destinations(configuration, service, "h2c");
        var destinations = h2c.Count > 0 ? h2c : Destinations(configuration, service, "http");
        if (destinations.Count == 0)
        {
            throw Invalid(
                $"Set services__{service}__h2c__0 or services__{service}__http__0 to the address of the {service} service.");
        }

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
                // If no replica is healthy, try all: a single replica serves as soon as it is back.
                AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
                Passive = new PassiveHealthCheckConfig
                {
                    Enabled = true,
                    Policy = LostReplicas.PolicyName,
                    ReactivationPeriod = TimeSpan.FromSeconds(10),
                },
                // Two failures in a row: a replica that hangs is out of rotation within 15 seconds.
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
            : throw Invalid($"{address.Path.Replace(":", "__", StringComparison.Ordinal)} is \"{address.Value}\"; "
                + "it must be an address such as http://localhost:8092.");

    private static OptionsValidationException Invalid(string sentence) => new("services", typeof(ClusterConfig), [sentence]);
}

using System.Globalization;
using KvAspire.Hosting.Ports;
using Microsoft.Extensions.Configuration;

namespace KvAspire.AppHost.Services;

/// <summary>
/// The one public address of all gateways. They listen on the same port (SO_REUSEPORT, socket(7)): the kernel spreads new
/// connections over them without a proxy, and a gateway that dies gets none. Each gateway also has an address of its own.
/// </summary>
internal static class SharedPort
{
    /// <summary>Lets the gateway's replicas share a port, where there are several.</summary>
    /// <returns>The public URL, which is the issuer of the tokens.</returns>
    public static ReferenceExpression SharePort(this Service gateway)
    {
        if (gateway.Replicas is [var only])
            return ReferenceExpression.Create($"{only.WithExternalHttpEndpoints().WithPublicLinks().GetEndpoint("http")}");

        var builder = gateway.Replicas[0].ApplicationBuilder;
        var port = builder.PortOrFree(builder.Configuration.GetValue<int?>($"Ports:{gateway.Name}")) ?? PortChoice.FreePort();
        var url = $"http://localhost:{port}";
        gateway.Replicas[0].WithEndpoint("http", own => (own.Port, own.TargetPort) = (null, null)); // the replicas share this port
        gateway.Each(replica => replica
            .WithEnvironment("Kestrel__Endpoints__door__Url", url)
            .WithEnvironment("Door__SharedPort", port.ToString(CultureInfo.InvariantCulture))
            .WithPublicLinks(url));
        return ReferenceExpression.Create($"{url}");
    }
}

using System.Diagnostics.Metrics;
using System.Net;
using KvAspire.ClientNetworks;
using KvAspire.Gateway.Admission;
using KvAspire.ServiceDefaults.Telemetry.Metrics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace KvAspire.Gateway.Edge.Connections;

/// <summary>
/// Limits the connections of one address, and aborts those beyond the limit before reading from them. Kestrel limits all
/// connections. An idle connection costs memory too, and one address must not take them all.
/// </summary>
internal sealed class ConnectionLimits(
    IOptions<ConnectionLimitOptions> options, TrustedNetworks trusted, IMeterFactory meters, IHostEnvironment environment) : IZeroedCounters
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> open = [];
    private readonly Counter<long> refused = meters.Create(environment.ApplicationName).CreateCounter<long>(
        "kvaspire.gateway.connections.refused", "{connection}", "Connections aborted because their address has too many.");

    /// <inheritdoc/>
    public void Zero() => refused.Add(0);

    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var max = options.Value.MaxPerAddress;
        if (max == 0 || trusted.Contain(connection.RemoteEndPoint))
        {
            await next(connection);
            return;
        }

        var network = Requester.Network((connection.RemoteEndPoint as IPEndPoint)?.Address);
        if (!TryAdd(network, max))
        {
            refused.Add(1);
            connection.Abort();
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            Remove(network);
        }
    }

    private bool TryAdd(string network, int max)
    {
        lock (gate)
        {
            var count = open.GetValueOrDefault(network);
            if (count < max)
                open[network] = count + 1;
            return count < max;
        }
    }

    private void Remove(string network)
    {
        lock (gate)
        {
            if (--open[network] == 0)
                open.Remove(network);
        }
    }
}

internal static class ConnectionLimitsSetup
{
    public static WebApplicationBuilder AddConnectionLimits(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ConnectionLimitOptions>()
            .BindConfiguration(ConnectionLimitOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddInstruments<ConnectionLimits>();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<ConnectionLimitOptions>>((kestrel, limits) =>
            kestrel.Limits.MaxConcurrentConnections = limits.Value.Max > 0 ? limits.Value.Max : null);
        return builder.AddConnectionMiddleware(services => services.GetRequiredService<ConnectionLimits>().RunAsync);
    }
}

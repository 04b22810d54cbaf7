using System.Net;
using System.Net.Sockets;
using KvAspire.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;

namespace KvAspire.ServiceDefaults.Telemetry.Metrics;

/// <summary>
/// Serves <c>/metrics</c> in Prometheus' formats on a port of its own (<c>Metrics:Port</c>), and nothing else there. Its requests
/// pass nothing of the service's pipeline, and no other port serves it.
/// </summary>
internal static class MetricsEndpoint
{
    private const string Path = "/metrics";

    /// <summary>Whether a request came to the port of metrics.</summary>
    public static bool IsScrape(HttpContext context) => context.Features.Get<ScrapedConnection>() is not null;

    public static MeterProviderBuilder AddMetricsEndpoint(this MeterProviderBuilder metrics, WebApplicationBuilder builder, IPEndPoint? endpoint)
    {
        if (endpoint is null)
            return metrics;

        builder.Services.AddHostedService(_ => new FreeAddress(endpoint));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(endpoint, listen => listen.Use(next => connection =>
        {
            connection.Features.Set(ScrapedConnection.Mark);
            return next(connection);
        })));
        builder.Services.AddSingleton<IStartupFilter, Branch>();
        return metrics.AddPrometheusExporter();
    }

    private sealed class ScrapedConnection
    {
        public static readonly ScrapedConnection Mark = new();
    }

    // Kestrel starts later, and its error names no setting.
    private sealed class FreeAddress(IPEndPoint endpoint) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            try
            {
                using var probe = new TcpListener(endpoint);
                probe.Start();
                return Task.CompletedTask;
            }
            catch (SocketException exception)
            {
                throw MetricsOptions.Wrong($"Set Metrics:Port and Metrics:Address to an address that is free: {endpoint} is not. {exception.Message}.");
            }
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    // Ahead of the whole pipeline of the service.
    private sealed class Branch : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.MapWhen(IsScrape, port => port
                .Use((context, onwards) =>
                {
                    // A scrape is no request of a client: it does not count itself.
                    if (context.Features.Get<IHttpMetricsTagsFeature>() is { } metrics)
                        metrics.MetricsDisabled = true;
                    return onwards(context);
                })
                .UseOpenTelemetryPrometheusScrapingEndpoint(context => context.Request.Path == Path && HttpMethods.IsGet(context.Request.Method))
                .Run(context => ErrorCatalogue.NotFound.AsResult().ExecuteAsync(context)));
            next(app);
        };
    }
}

using System.Globalization;
using Aspire.Hosting.Ports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Telemetry;

/// <summary>
/// Where the processes send their telemetry. It takes everything and keeps nothing: an exporter whose collector is missing
/// holds its process up for seconds when that ends. It listens once the first process asks for it, where a dashboard would; if
/// somebody else listens there, that is a collector of the user's own, and gets it.
/// </summary>
internal sealed class OtlpSink : IAsyncDisposable
{
    // A gRPC message of no bytes: not compressed, length 0.
    private static readonly byte[] _emptyMessage = new byte[5];

    private readonly Lazy<Task<string>> _address;
    private WebApplication? _server;
    private PortLease? _lease;

    public OtlpSink(RunOptions run, IConfiguration configuration)
    {
        var configured = run.Interactive ? configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] : null;
        _address = new(() => ListenAsync(configured));
    }

    public Task<string> AddressAsync() => _address.Value;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _lease?.Dispose();
    }

    private async Task<string> ListenAsync(string? configured)
    {
        if (configured is not null && !PortLease.IsFree(new Uri(configured).Port))
            return configured;

        var port = configured is null ? (_lease = PortLease.Take()).Port : new Uri(configured).Port;
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.ListenLocalhost(port, listen => listen.Protocols = HttpProtocols.Http2));
        _server = builder.Build();
        _server.Run(SwallowAsync);
        await _server.StartAsync();
        return string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}");
    }

    private static async Task SwallowAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        context.Response.ContentType = "application/grpc";
        context.Response.DeclareTrailer("grpc-status");
        await context.Response.Body.WriteAsync(_emptyMessage, context.RequestAborted);
        context.Response.AppendTrailer("grpc-status", "0");
    }
}

using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KvAspire.Gateway.Tests.Fixtures;

/// <summary>A request as it arrived behind the gateway.</summary>
internal sealed record Arrival(string Method, string Target, string Protocol, IReadOnlyDictionary<string, string> Headers, long Bytes)
{
    /// <summary>Whether its end arrived.</summary>
    public bool IsWhole { get; init; }
}

/// <summary>A service behind the gateway: a real server on a loopback port, which writes down what arrives.</summary>
internal sealed class Backend(string name) : IAsyncDisposable
{
    private readonly ConcurrentQueue<Arrival> arrivals = [];
    private WebApplication? server;
    private int probes;

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>What arrived, but for health probes.</summary>
    public IEnumerable<Arrival> Arrivals => arrivals;

    /// <summary>How many health probes arrived.</summary>
    public int Probes => probes;

    /// <summary>The headers of the last health probe.</summary>
    public IReadOnlyDictionary<string, string>? LastProbe { get; private set; }

    /// <summary>How it answers, but for health probes; by default 200 with its name. It may read the body's beginning.</summary>
    public RequestDelegate Answer { get; set; } = context => context.Response.WriteAsJsonAsync(new { backend = name });

    /// <summary>Whether it takes batches. By default it is a service that does not know them: batches get 404, and are not written down.</summary>
    public bool TakesBatches { get; set; }

    /// <summary>Cuts the connection in place of an answer.</summary>
    public static Task CutAsync(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    public static async Task<Backend> StartAsync(string name, HttpProtocols protocols = HttpProtocols.Http2, int port = 0)
    {
        var backend = new Backend(name);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, port, endpoint => endpoint.Protocols = protocols);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        backend.server = builder.Build();
        backend.server.Run(backend.WriteDownAndAnswerAsync);
        await backend.server.StartAsync();
        backend.Address = new Uri(backend.server.Urls.Single());
        return backend;
    }

    /// <summary>Ends as a process that is killed does: connections are cut, nothing listens any more.</summary>
    public async Task KillAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await server!.StopAsync(now.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }

    private async Task WriteDownAndAnswerAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Path == "/health")
        {
            LastProbe = HeadersOf(request);
            Interlocked.Increment(ref probes);
            return;
        }

        if (!TakesBatches && request.Path.StartsWithSegments("/internal"))
        {
            await request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var counted = new byte[64 * 1024];
        var (bytes, kept, isWhole) = (0L, new MemoryStream(), false);
        try
        {
            for (int read; (read = await request.Body.ReadAsync(counted, context.RequestAborted)) > 0; bytes += read)
            {
                if (bytes < counted.Length)
                    kept.Write(counted, 0, read);
            }

            isWhole = true;
        }
        finally
        {
            arrivals.Enqueue(new(request.Method, target, request.Protocol, HeadersOf(request), bytes) { IsWhole = isWhole });
        }

        (kept.Position, request.Body) = (0, kept);
        await Answer(context);
    }

    private static Dictionary<string, string> HeadersOf(HttpRequest request) =>
        request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
}

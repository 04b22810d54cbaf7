using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;

namespace KvAspire.TestKit;

/// <summary>A service in a process of its own that serves <c>/metrics</c>.</summary>
public sealed class ScrapedService : IAsyncDisposable
{
    // Of pools of .NET, which come and go by themselves.
    private static readonly string[] OfPools = ["dotnet_", "aspnetcore_memory_pool_", "http_client_connection_", "http_client_open_connections"];

    private readonly Process process;
    private readonly HttpClient metrics;

    private ScrapedService(Process process, int port, int metricsPort)
    {
        this.process = process;
        Address = new($"http://127.0.0.1:{port}");
        metrics = new() { BaseAddress = new($"http://127.0.0.1:{metricsPort}") };
    }

    /// <summary>The service's address.</summary>
    public Uri Address { get; }

    /// <summary>The memory of the process, in bytes.</summary>
    public long Memory
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    /// <summary>Starts a service, and waits until it is healthy.</summary>
    public static async Task<ScrapedService> StartAsync(Assembly program, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var (port, metricsPort) = (FreePort(), FreePort());
        var start = new ProcessStartInfo("dotnet", [program.Location]) { RedirectStandardOutput = true };
        start.Environment["Kestrel__Endpoints__http__Url"] = $"http://127.0.0.1:{port}";
        start.Environment["Metrics__Port"] = metricsPort.ToString(CultureInfo.InvariantCulture);
        start.Environment["Tokens__Issuer"] = TestIssuer.Issuer;
        start.Environment["ServiceCalls__Secret"] = TestIssuer.ServiceSecret;
        foreach (var (name, value) in settings)
            start.Environment[name] = value;

        var service = new ScrapedService(Process.Start(start)!, port, metricsPort);
        _ = service.process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None); // a full pipe would block it
        using var client = new HttpClient { BaseAddress = service.Address };
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var health = await client.GetAsync("/health", cancellationToken);
                if (health.IsSuccessStatusCode)
                    return service;
            }
            catch (HttpRequestException) when (!service.process.HasExited && attempt < 300)
            {
                // not up yet
            }

            await Task.Delay(100, cancellationToken);
        }
    }

    /// <summary>The series that the service serves: names with labels, without the buckets of histograms and without .NET's pools.</summary>
    public async Task<IReadOnlySet<string>> SeriesAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(350, cancellationToken); // scrapes within 300 ms get the same answer
        return (await metrics.GetStringAsync("/metrics", cancellationToken)).Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#' && !line.Contains("_bucket{", StringComparison.Ordinal))
            .Where(line => !OfPools.Any(pool => line.StartsWith(pool, StringComparison.Ordinal)))
            .Select(line => line[..(line.LastIndexOf('}') + 1)]).Where(series => series.Length > 0).ToHashSet();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        metrics.Dispose();
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

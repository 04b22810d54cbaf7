using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using StackExchange.Redis;

namespace KvAspire.Bench;

/// <summary>Bare YARP → Kestrel → one Redis GET, over HTTP/1.1 and over HTTP/2 between the two, on the system's own Redis.</summary>
internal sealed class Baselines : IDisposable
{
    private readonly List<Process> processes = [];

    /// <summary>The proxies' addresses.</summary>
    public Uri OverHttp1 { get; private set; } = null!;

    /// <inheritdoc cref="OverHttp1"/>
    public Uri OverHttp2 { get; private set; } = null!;

    /// <summary>Starts both pairs, and stores the values that they read: as long as our answers are.</summary>
    public static async Task<Baselines> StartAsync(string redis, int keys)
    {
        using (var connection = await ConnectionMultiplexer.ConnectAsync(redis))
        {
            var value = $$$"""{"status":"success","data":{"key":"k10000","value":"{{{new string('x', 98)}}}"}}""";
            await Task.WhenAll(Enumerable.Range(1, keys).Select(number => connection.GetDatabase().StringSetAsync($"/b{number}", value)));
        }

        var baselines = new Baselines();
        baselines.OverHttp1 = await baselines.StartPairAsync("1.1", redis);
        baselines.OverHttp2 = await baselines.StartPairAsync("2", redis);
        return baselines;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var process in processes)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }

    private async Task<Uri> StartPairAsync(string version, string redis)
    {
        var (backend, proxy) = (FreePort(), FreePort());
        Start(redis, "backend", $"{backend}", version);
        Start(redis, "proxy", $"{proxy}", version, $"http://127.0.0.1:{backend}");

        var address = new Uri($"http://127.0.0.1:{proxy}");
        using var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(2) };
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                if ((await client.GetStringAsync(new Uri("/b1", UriKind.Relative))).Length > 0)
                    return address;
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && attempt < 100)
            {
                await Task.Delay(100);
            }
        }
    }

    private void Start(string redis, params string[] arguments)
    {
        var program = typeof(Baselines).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "Baseline").Value!;
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true };
        start.Environment["ConnectionStrings__cache"] = redis;
        processes.Add(Process.Start(start)!);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace KvAspire.Bench;

/// <summary>
/// An open-loop load generator: sends reads at a fixed rate, whether or not earlier ones were answered, in a process on a
/// processor of its own. Each client sends one request at a time; a request for which no client is free counts as unsent.
/// </summary>
internal sealed class OpenLoop
{
    /// <summary>The argument that starts this program as a load generator.</summary>
    public const string Argument = "open-loop";

    // How late a request may be sent; later ones count as unsent.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100), Pause = TimeSpan.FromMilliseconds(1);

    private readonly Stack<ReadingClient> free = [];
    private readonly Tally tally;
    private readonly byte[] before, after;
    private readonly int keys;
    private bool isClosed;
    private long sent;

    private OpenLoop(IPEndPoint gateway, int clients, int keys, string token)
    {
        (this.keys, tally) = (keys, new Tally());
        before = Encoding.ASCII.GetBytes("GET /api/data/k");
        after = Encoding.ASCII.GetBytes($" HTTP/1.1\r\nHost: {gateway}\r\nAuthorization: Bearer {token}\r\n\r\n");
        for (var i = 0; i < clients; i++)
            free.Push(new ReadingClient(gateway, tally, Free));
    }

    /// <summary>Runs the load generator in a process of its own.</summary>
    /// <param name="gateway">The address.</param>
    /// <param name="clients">The number of clients.</param>
    /// <param name="rate">Requests per second; 0 for a closed loop.</param>
    /// <param name="seconds">The duration.</param>
    /// <param name="token">The access token.</param>
    /// <param name="processor">The processor to run on.</param>
    public static async Task<Offered> StartAsync(Uri gateway, int clients, double rate, int seconds, string token, int processor)
    {
        string[] arguments =
        [
            "-c", $"{processor}", "dotnet", typeof(OpenLoop).Assembly.Location, Argument,
            $"{IPAddress.Loopback}:{gateway.Port}", $"{clients}", $"{rate:F0}", $"{seconds}", $"{SystemUnderLoad.Keys}",
        ];
        var start = new ProcessStartInfo("taskset", arguments) { RedirectStandardOutput = true };
        start.Environment["TOKEN"] = token;
        start.Environment["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1"; // saves a thread switch for each response
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return JsonSerializer.Deserialize<Offered>(output) ?? throw new InvalidOperationException("The load generator printed no result.");
    }

    /// <summary>Runs as the load generator, and prints the result as JSON.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var numbers = arguments[1..].Select(number => int.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        var loop = new OpenLoop(IPEndPoint.Parse(arguments[0]), numbers[0], numbers[3], Environment.GetEnvironmentVariable("TOKEN")!);
        var takes = TimeSpan.FromSeconds(numbers[2]);
        Console.WriteLine(JsonSerializer.Serialize(numbers[1] == 0 ? await loop.SaturateAsync(takes) : await loop.OfferAsync(numbers[1], takes)));
        return 0;
    }

    private async Task<Offered> OfferAsync(int rate, TimeSpan takes)
    {
        var (began, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var (due, unsent) = (0L, 0L);
        tally.Begin();
        using var pace = new PeriodicTimer(Pause);
        for (TimeSpan now; (now = Stopwatch.GetElapsedTime(began)) < takes; await pace.WaitForNextTickAsync())
        {
            // 1. Sends the due requests, as far as clients are free.
            var target = (long)(now.TotalSeconds * rate);
            for (; due < target && TryTake() is { } client; due++)
                Send(client);

            // 2. Gives up requests that are too late.
            var late = target - due - (long)(Patience.TotalSeconds * rate);
            (due, unsent) = late > 0 ? (due + late, unsent + late) : (due, unsent);
        }

        return tally.End(due, unsent, Stopwatch.GetElapsedTime(began), Environment.CpuUsage.TotalTime - cpu);
    }

    // A closed loop: each client sends its next request after the response.
    private async Task<Offered> SaturateAsync(TimeSpan takes)
    {
        var (began, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        isClosed = true;
        tally.Begin();
        while (TryTake() is { } client)
            Send(client);

        await Task.Delay(takes);
        return tally.End(Interlocked.Read(ref sent), 0, Stopwatch.GetElapsedTime(began), Environment.CpuUsage.TotalTime - cpu);
    }

    private void Send(ReadingClient client)
    {
        Span<byte> request = stackalloc byte[before.Length + after.Length + 10];
        before.CopyTo(request);
        Random.Shared.Next(1, keys + 1).TryFormat(request[before.Length..], out var digits, default, CultureInfo.InvariantCulture);
        after.CopyTo(request[(before.Length + digits)..]);
        client.Send(request[..(before.Length + digits + after.Length)]);
        Interlocked.Increment(ref sent);
    }

    private ReadingClient? TryTake()
    {
        lock (free)
            return free.TryPop(out var client) ? client : null;
    }

    private void Free(ReadingClient client)
    {
        if (isClosed)
        {
            Send(client);
            return;
        }

        lock (free)
            free.Push(client);
    }
}

/// <summary>The result of an open loop.</summary>
/// <param name="Seconds">The duration.</param>
/// <param name="Due">Requests that were due.</param>
/// <param name="Unsent">Due requests that no client was free to send.</param>
/// <param name="Processor">CPU time of the load generator, in seconds.</param>
/// <param name="P50">The median latency of admitted requests, in milliseconds.</param>
/// <param name="P99">The 99th percentile.</param>
/// <param name="Parts">The results of each half second.</param>
internal sealed record Offered(double Seconds, long Due, long Unsent, double Processor, double P50, double P99, IReadOnlyList<OfferedPart> Parts)
{
    /// <summary>Admitted per second.</summary>
    public double Goodput => Parts.Sum(part => part.Admitted) / Seconds;

    /// <summary>Refused with 503 per second.</summary>
    public double Refused => Parts.Sum(part => part.Refused) / Seconds;

    /// <summary>Other responses, and missing ones.</summary>
    public long Failed => Parts.Sum(part => part.Failed);
}

/// <summary>The result of half a second.</summary>
internal sealed record OfferedPart(long Admitted, long Refused, long Failed, double P99);

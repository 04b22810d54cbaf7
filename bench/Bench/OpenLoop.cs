using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace KvAspire.Bench;

/// <summary>
/// Offers reads at a fixed rate, whether or not those before have been answered (an open loop): a process of its own, which
/// gets a processor of its own. It has so many clients, each of whom waits for an answer before it asks again; a request for which
/// none is free is one that nobody could send, and is counted as that.
/// </summary>
internal sealed class OpenLoop
{
    /// <summary>What makes this program one.</summary>
    public const string Argument = "open-loop";

    // How far the sending may be behind before the rest is given up on.
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

    /// <summary>Starts one.</summary>
    /// <param name="gateway">Whom it asks.</param>
    /// <param name="clients">How many clients it has.</param>
    /// <param name="rate">How many requests in a second; 0 for as many as are answered.</param>
    /// <param name="seconds">For how long.</param>
    /// <param name="token">The token that they bring.</param>
    /// <param name="processor">The processor that it runs on.</param>
    public static async Task<Offered> StartAsync(Uri gateway, int clients, double rate, int seconds, string token, int processor)
    {
        string[] arguments =
        [
            "-c", $"{processor}", "dotnet", typeof(OpenLoop).Assembly.Location, Argument,
            $"{IPAddress.Loopback}:{gateway.Port}", $"{clients}", $"{rate:F0}", $"{seconds}", $"{SystemUnderLoad.Keys}",
        ];
        var start = new ProcessStartInfo("taskset", arguments) { RedirectStandardOutput = true };
        start.Environment["TOKEN"] = token;
        start.Environment["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1"; // an answer is read where its arrival is noticed
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return JsonSerializer.Deserialize<Offered>(output) ?? throw new InvalidOperationException("The load generator said nothing.");
    }

    /// <summary>Runs as one, and writes what came of it.</summary>
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
            // 1. What is due, as far as somebody is free to send it.
            var target = (long)(now.TotalSeconds * rate);
            for (; due < target && TryTake() is { } client; due++)
                Send(client);

            // 2. What has waited too long is not sent any more.
            var late = target - due - (long)(Patience.TotalSeconds * rate);
            (due, unsent) = late > 0 ? (due + late, unsent + late) : (due, unsent);
        }

        return tally.End(due, unsent, Stopwatch.GetElapsedTime(began), Environment.CpuUsage.TotalTime - cpu);
    }

    // A closed loop: whoever is answered asks again.
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

/// <summary>What came of an offer.</summary>
/// <param name="Seconds">How long it took.</param>
/// <param name="Due">Requests that were to be sent.</param>
/// <param name="Unsent">Those of them that were not, as no client was free.</param>
/// <param name="Processor">Processor time of the load generator, in seconds.</param>
/// <param name="P50">Median latency of the admitted, in milliseconds.</param>
/// <param name="P99">What 99 of 100 admitted stayed under.</param>
/// <param name="Parts">The same by half seconds.</param>
internal sealed record Offered(double Seconds, long Due, long Unsent, double Processor, double P50, double P99, IReadOnlyList<OfferedPart> Parts)
{
    /// <summary>Admitted in a second.</summary>
    public double Goodput => Parts.Sum(part => part.Admitted) / Seconds;

    /// <summary>Refused with 503 in a second.</summary>
    public double Refused => Parts.Sum(part => part.Refused) / Seconds;

    /// <summary>Other answers, and none.</summary>
    public long Failed => Parts.Sum(part => part.Failed);
}

/// <summary>Half a second of it.</summary>
internal sealed record OfferedPart(long Admitted, long Refused, long Failed, double P99);

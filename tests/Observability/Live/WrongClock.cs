using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using KvAspire.Hosting.Ports;

namespace KvAspire.Observability.Tests.Live;

/// <summary>
/// A process of a service whose clock is wrong, by Debian's package faketime: the program, folder and environment of a running one,
/// with ports of its own.
/// </summary>
internal sealed class WrongClock(Process process, string metrics) : IAsyncDisposable
{
    // The folder has the name of the machine's architecture.
    private static readonly string FakeTime = Directory.GetDirectories("/usr/lib", "*-linux-gnu*")
        .Select(folder => Path.Combine(folder, "faketime", "libfaketimeMT.so.1")).First(File.Exists);

    /// <summary>Where it serves its metrics.</summary>
    public string Metrics => metrics;

    /// <summary>Starts the process, and waits until it listens.</summary>
    /// <param name="like">The process that it copies.</param>
    /// <param name="ahead">How far its clock is ahead.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public static async Task<WrongClock> StartAsync(int like, TimeSpan ahead, CancellationToken cancellationToken)
    {
        var (original, port) = ($"/proc/{like}", PortChoice.FreePort());
        // Its start must not slow the requests that an SLO is about.
        var start = new ProcessStartInfo("nice", ["-n", "19", new FileInfo($"{original}/exe").LinkTarget!])
        {
            WorkingDirectory = new FileInfo($"{original}/cwd").LinkTarget!,
            RedirectStandardOutput = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in (await File.ReadAllTextAsync($"{original}/environ", cancellationToken))
            .Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(variable => variable.Split('=', 2)).Select(pair => (pair[0], pair[1])))
        {
            start.Environment[name] = name.StartsWith("Kestrel__Endpoints__", StringComparison.Ordinal) && name.EndsWith("__Url", StringComparison.Ordinal)
                ? $"http://localhost:{PortChoice.FreePort()}"
                : value;
        }

        start.Environment["Metrics__Port"] = port.ToString(CultureInfo.InvariantCulture);
        start.Environment["LD_PRELOAD"] = FakeTime;
        start.Environment["FAKETIME"] = string.Create(CultureInfo.InvariantCulture, $"+{(int)ahead.TotalSeconds}s");
        start.Environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
        start.Environment["FAKETIME_FORCE_MONOTONIC_FIX"] = "1"; // else each wait of a thread takes too long
        var process = Process.Start(start)!;
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        for (var clock = Stopwatch.StartNew(); !await ListensAsync(port, cancellationToken); await Task.Delay(100, cancellationToken))
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), "The process with the wrong clock does not listen.");

        return new(process, $"127.0.0.1:{port}");
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static async Task<bool> ListensAsync(int port, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

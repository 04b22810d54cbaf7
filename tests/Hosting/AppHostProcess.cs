using System.Diagnostics;
using System.Globalization;
using KvAspire.Hosting.Ports;
using Xunit;

namespace KvAspire.Hosting.Tests;

/// <summary>
/// The AppHost's program as <c>./kv up</c> starts it: with the dashboard and persistent data, on free ports. All its processes
/// inherit an environment variable that identifies them.
/// </summary>
internal sealed class AppHostProcess : IDisposable
{
    private const string Mark = "KVASPIRE_TEST_MARK";

    private readonly Process process;
    private readonly string mark;

    private AppHostProcess(Process process, string mark, Uri gateway) => (this.process, this.mark, Gateway) = (process, mark, gateway);

    public Uri Gateway { get; }

    /// <summary>The AppHost and all processes that it started.</summary>
    public IReadOnlyList<int> Processes => [.. Directory.EnumerateDirectories("/proc")
        .Select(Path.GetFileName)
        .Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out _) && IsMarked(name!))
        .Select(name => int.Parse(name!, CultureInfo.InvariantCulture))];

    /// <param name="state">The folder of the data.</param>
    public static AppHostProcess Start(string state)
    {
        var built = new DirectoryInfo(AppContext.BaseDirectory);
        var folder = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../KvAspire.AppHost"));
        var (mark, gateway) = ($"{Guid.NewGuid():N}", PortChoice.FreePort());
        var start = new ProcessStartInfo(Path.Combine(folder, "bin", built.Parent!.Name, built.Name, "KvAspire.AppHost"), ["--Servers=Programs", $"--Ports:Gateway={gateway}", "--Ports:Identity=0", "--Ports:Data=0", "--Ports:Postgres=0", "--Ports:Cache=0"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                [Mark] = mark,
                ["KVASPIRE_STATE"] = state,
                ["Parameters__postgres-password"] = "of-this-test",
                ["Parameters__key-encryption-key"] = new('k', 43),
                ["DOTNET_ENVIRONMENT"] = "Development",
                ["ASPNETCORE_URLS"] = $"http://localhost:{PortChoice.FreePort()}",
                ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",
                ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = $"http://localhost:{PortChoice.FreePort()}",
                ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = $"http://localhost:{PortChoice.FreePort()}",
            },
        };
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new(process, mark, new Uri($"http://localhost:{gateway}"));
    }

    /// <summary>Waits until the whole system is ready.</summary>
    public async Task ReadyAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = Gateway, Timeout = TimeSpan.FromSeconds(2) };
        for (var began = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                using var health = await client.GetAsync(new Uri("/health", UriKind.Relative), cancellationToken);
                if (health.IsSuccessStatusCode)
                    return;
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            Assert.True(Stopwatch.GetElapsedTime(began) < patience, "The system was not ready in time.");
            Assert.False(process.HasExited, "The AppHost has ended.");
            await Task.Delay(100, cancellationToken);
        }
    }

    /// <summary>Kills the AppHost only, with SIGKILL.</summary>
    public void Kill() => process.Kill();

    /// <summary>Waits until all processes have ended.</summary>
    /// <returns>The time that this took.</returns>
    public async Task<TimeSpan> GoneAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        for (var began = Stopwatch.GetTimestamp(); ; await Task.Delay(100, cancellationToken))
        {
            if (Processes is not { Count: > 0 } left)
                return Stopwatch.GetElapsedTime(began);
            Assert.True(Stopwatch.GetElapsedTime(began) < patience, $"These processes still run: {string.Join("; ", left.Select(Describe))}");
        }
    }

    public void Dispose()
    {
        process.Kill();
        process.Dispose();
    }

    private bool IsMarked(string process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/environ").Contains($"{Mark}={mark}", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // the process has ended, or belongs to another account
        }
    }

    private static string Describe(int process)
    {
        try
        {
            return $"{process} {File.ReadAllText($"/proc/{process}/cmdline").Replace('\0', ' ')}";
        }
        catch (IOException)
        {
            return $"{process}";
        }
    }
}

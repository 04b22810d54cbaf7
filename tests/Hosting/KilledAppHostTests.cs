using System.Globalization;
using System.Net.Http.Json;
using System.Runtime.Versioning;
using Xunit;

namespace KvAspire.Hosting.Tests;

/// <summary>The AppHost is killed at any time.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class KilledAppHostTests
{
    // Longer than a start: some kills hit the start, some come after it.
    private const int LatestMilliseconds = 15_000;

    private static readonly TimeSpan GoneWithin = TimeSpan.FromSeconds(20), ReadyWithin = TimeSpan.FromSeconds(90);

    // KVASPIRE_KILLS=10 is the long form.
    private static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("KVASPIRE_KILLS") ?? "1", CultureInfo.InvariantCulture);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_processes_end_within_20_seconds_and_the_next_start_has_the_data()
    {
        var state = Directory.CreateTempSubdirectory("kvaspire-killed-");
        File.SetUnixFileMode(state.FullName, (UnixFileMode)0b111_001_001); // the servers' accounts must pass
        try
        {
            var user = await StoreAsync(state.FullName);
            var random = new Random();
            for (var kill = 0; kill < Kills; kill++)
            {
                var moment = random.Next(LatestMilliseconds);
                using var apphost = AppHostProcess.Start(state.FullName);
                await Task.Delay(moment, Cancel);
                var before = apphost.Processes.Count;
                apphost.Kill();
                var gone = await apphost.GoneAsync(GoneWithin, Cancel);
                TestContext.Current.TestOutputHelper?.WriteLine($"killed after {moment} ms with {before} processes: all gone after {gone.TotalSeconds:F1} s");
            }

            using var next = AppHostProcess.Start(state.FullName);
            await next.ReadyAsync(ReadyWithin, Cancel);
            using var client = new HttpClient { BaseAddress = next.Gateway };
            using var signedIn = await client.PostAsJsonAsync("/api/token", new { username = user, password = "secure_password123" }, Cancel);
            Assert.Equal(200, (int)signedIn.StatusCode);
            next.Kill();
            await next.GoneAsync(GoneWithin, Cancel);
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }

    // The first start creates everything. The kill follows the acknowledgement of a user.
    private static async Task<string> StoreAsync(string state)
    {
        var user = $"user_{Guid.NewGuid():N}";
        using var first = AppHostProcess.Start(state);
        await first.ReadyAsync(ReadyWithin, Cancel);
        using var client = new HttpClient { BaseAddress = first.Gateway };
        using var registered = await client.PostAsJsonAsync("/api/register", new { username = user, email = $"{user}@example.com", password = "secure_password123", full_name = "John Doe" }, Cancel);
        Assert.Equal(201, (int)registered.StatusCode);
        first.Kill();
        await first.GoneAsync(GoneWithin, Cancel);
        return user;
    }
}

using System.Diagnostics;

namespace KvAspire.Bench;

/// <summary>Asks services four times a second how they are, as those who balance do.</summary>
internal sealed class HealthProbe(SystemUnderLoad system, params IReadOnlyList<string> services) : IDisposable
{
    /// <summary>How soon every answer is to come.</summary>
    public static readonly TimeSpan Bar = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource enough = new();
    private Task<TimeSpan[]> probing = Task.FromResult<TimeSpan[]>([]);

    /// <summary>Begins to ask.</summary>
    public HealthProbe Start()
    {
        probing = Task.WhenAll(services.Select(ProbeAsync));
        return this;
    }

    /// <summary>Asks no more.</summary>
    /// <returns>For each service the longest that it took to be told that it is well; what is not told at all took for ever.</returns>
    public async Task<TimeSpan[]> StopAsync()
    {
        await enough.CancelAsync();
        return await probing;
    }

    /// <inheritdoc/>
    public void Dispose() => enough.Dispose();

    private async Task<TimeSpan> ProbeAsync(string service)
    {
        using var client = new HttpClient { BaseAddress = system.Address(service), Timeout = 10 * Bar };
        var longest = TimeSpan.Zero;
        while (!enough.IsCancellationRequested)
        {
            var began = Stopwatch.GetTimestamp();
            try
            {
                using var answer = await client.GetAsync("/health", CancellationToken.None);
                var took = answer.IsSuccessStatusCode ? Stopwatch.GetElapsedTime(began) : TimeSpan.MaxValue;
                longest = took > longest ? took : longest;
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                longest = TimeSpan.MaxValue;
            }

            await Task.Delay(250, enough.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return longest;
    }
}

using System.Diagnostics;

namespace KvAspire.Bench;

/// <summary>Probes the health of services four times a second, as load balancers do.</summary>
internal sealed class HealthProbe(SystemUnderLoad system, params IReadOnlyList<string> services) : IDisposable
{
    /// <summary>The maximum time of each probe.</summary>
    public static readonly TimeSpan Bar = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource enough = new();
    private Task<TimeSpan[]> probing = Task.FromResult<TimeSpan[]>([]);

    public HealthProbe Start()
    {
        probing = Task.WhenAll(services.Select(ProbeAsync));
        return this;
    }

    /// <returns>The longest probe of each service; <see cref="TimeSpan.MaxValue"/> where one failed.</returns>
    public async Task<TimeSpan[]> StopAsync()
    {
        await enough.CancelAsync();
        return await probing;
    }

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

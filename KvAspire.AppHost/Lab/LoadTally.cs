using System.Collections.Concurrent;
using System.Globalization;

namespace KvAspire.AppHost.Lab;

/// <summary>How the requests of a load ended.</summary>
internal sealed class LoadTally
{
    private readonly ConcurrentDictionary<string, int> outcomes = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<TimeSpan> durations = [];

    public async Task CountAsync(Func<Task<HttpResponseMessage>> request, TimeProvider time)
    {
        var began = time.GetTimestamp();
        var outcome = "no answer";
        try
        {
            using var answer = await request();
            outcome = ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            // The connection broke, or the gateway did not answer in time.
        }

        outcomes.AddOrUpdate(outcome, 1, (_, count) => count + 1);
        durations.Add(time.GetElapsedTime(began));
    }

    public override string ToString()
    {
        var sorted = durations.Order().ToList();
        if (sorted.Count == 0)
            return "no requests.";

        var counts = string.Join(", ", outcomes.OrderBy(outcome => outcome.Key, StringComparer.Ordinal).Select(outcome => $"{outcome.Value} × {outcome.Key}"));
        return string.Create(CultureInfo.InvariantCulture, $"{counts}; median {At(0.5):0.0} ms, 99% in {At(0.99):0.0} ms.");

        double At(double share) => sorted[(int)(share * (sorted.Count - 1))].TotalMilliseconds;
    }
}

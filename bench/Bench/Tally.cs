using System.Diagnostics;

namespace KvAspire.Bench;

/// <summary>Counts responses and their latencies, for each half second.</summary>
internal sealed class Tally
{
    public static readonly TimeSpan Part = TimeSpan.FromSeconds(0.5);

    // Latencies are counted in tenths of a millisecond, up to ten seconds.
    private const int Steps = 100_000;
    private const double StepsPerMillisecond = 10;

    private readonly List<OfferedPart> parts = [];
    private readonly int[] all = new int[Steps], current = new int[Steps];
    private long began, admitted, refused, failed;
    private int highest;

    public void Begin()
    {
        lock (all)
            began = Stopwatch.GetTimestamp();
    }

    /// <summary>Counts a response.</summary>
    /// <param name="status">The status; 0 without a response.</param>
    /// <param name="sent">The timestamp of the request.</param>
    public void Count(int status, long sent)
    {
        lock (all)
        {
            while (Stopwatch.GetElapsedTime(began) >= Part * (parts.Count + 1))
                EndPart();

            if (status == 200)
            {
                var step = (int)Math.Min(Steps - 1, Stopwatch.GetElapsedTime(sent).TotalMilliseconds * StepsPerMillisecond);
                (all[step], current[step], highest) = (all[step] + 1, current[step] + 1, Math.Max(highest, step));
                admitted++;
            }
            else if (status == 503)
            {
                refused++;
            }
            else
            {
                failed++;
            }
        }
    }

    public Offered End(long due, long unsent, TimeSpan took, TimeSpan processor)
    {
        lock (all)
        {
            EndPart();
            return new(took.TotalSeconds, due, unsent, processor.TotalSeconds, Quantile(all, 0.50), Quantile(all, 0.99), [.. parts]);
        }
    }

    private void EndPart()
    {
        parts.Add(new(admitted, refused, failed, Quantile(current, 0.99)));
        current.AsSpan(0, highest + 1).Clear();
        (admitted, refused, failed, highest) = (0, 0, 0, 0);
    }

    private static double Quantile(int[] counts, double share)
    {
        var rest = (long)Math.Ceiling(counts.Sum(count => (long)count) * share);
        var step = 0;
        while (step < Steps - 1 && (rest -= counts[step]) > 0)
            step++;
        return (step + 1) / StepsPerMillisecond;
    }
}

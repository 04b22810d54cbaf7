using System.Diagnostics;

namespace KvAspire.Bench;

/// <summary>Counts answers and their latencies, by half seconds.</summary>
internal sealed class Tally
{
    /// <summary>How long a part is.</summary>
    public static readonly TimeSpan Part = TimeSpan.FromSeconds(0.5);

    // A latency is counted to the tenth of a millisecond, and beyond ten seconds as that.
    private const int Steps = 100_000;
    private const double StepsPerMillisecond = 10;

    private readonly List<OfferedPart> parts = [];
    private readonly int[] all = new int[Steps], current = new int[Steps];
    private long began, admitted, refused, failed;
    private int highest;

    /// <summary>Begins anew.</summary>
    public void Begin()
    {
        lock (all)
            began = Stopwatch.GetTimestamp();
    }

    /// <summary>Counts an answer.</summary>
    /// <param name="status">Its status; 0 where there was none.</param>
    /// <param name="sent">When it was asked for.</param>
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

    /// <summary>Says what there was.</summary>
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

namespace KvAspire.Bench;

internal static class Figures
{
    /// <summary>The median; for an even count the larger of the two in the middle.</summary>
    public static double Median(IEnumerable<double> figures)
    {
        var ordered = figures.Order().ToList();
        return ordered[ordered.Count / 2];
    }
}

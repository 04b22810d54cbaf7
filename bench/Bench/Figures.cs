namespace KvAspire.Bench;

/// <summary>What is said of a series of figures.</summary>
internal static class Figures
{
    /// <summary>The middle one, which outliers do not move; of an even number the larger of the two in the middle.</summary>
    public static double Median(IEnumerable<double> figures)
    {
        var ordered = figures.Order().ToList();
        return ordered[ordered.Count / 2];
    }
}

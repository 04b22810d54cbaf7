namespace KvAspire.Observability.Tests.Kit;

/// <summary>The files of <c>promtool test rules</c>, read as text: promtool itself parses them.</summary>
internal static class UnitTestFile
{
    private const string Beginning = "  - name: ";

    /// <summary>All unit tests of the kit.</summary>
    public static IReadOnlyList<UnitTest> All { get; } = [.. KitFiles.UnitTests
        .SelectMany(file => ("\n" + File.ReadAllText(file)).Split("\n" + Beginning).Skip(1))
        .Select(text => new UnitTest(text.Split('\n')[0], text))];

    internal sealed record UnitTest(string Name, string Text)
    {
        /// <summary>Whether an expected sample is of this alert.</summary>
        public bool Expects(string alert) =>
            Text.Contains($"labels: '{{alertname=\"{alert}\"", StringComparison.Ordinal)
            || Text.Contains($"labels: 'ALERTS{{alertname=\"{alert}\"", StringComparison.Ordinal);
    }
}

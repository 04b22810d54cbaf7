using YamlDotNet.Serialization;

namespace KvAspire.Observability.Tests.Kit;

/// <summary>A file of <c>promtool test rules</c>.</summary>
internal sealed class UnitTestFile
{
    /// <summary>All unit tests of the kit.</summary>
    public static IReadOnlyList<UnitTest> All { get; } = [.. KitFiles.UnitTests.SelectMany(file => KitFiles.Read<UnitTestFile>(file).Tests)];

    [YamlMember(Alias = "tests")]
    public List<UnitTest> Tests { get; init; } = [];

    internal sealed class UnitTest
    {
        [YamlMember(Alias = "name")]
        public string Name { get; init; } = "";

        [YamlMember(Alias = "promql_expr_test")]
        public List<Expectation> Expectations { get; init; } = [];

        /// <summary>Whether some expectation names the alert as firing.</summary>
        public bool Expects(string alert) =>
            Expectations.SelectMany(expectation => expectation.Samples).Any(sample => sample.Labels.Contains($"\"{alert}\"", StringComparison.Ordinal));
    }

    internal sealed class Expectation
    {
        [YamlMember(Alias = "exp_samples")]
        public List<Sample> Samples { get; init; } = [];
    }

    internal sealed class Sample
    {
        [YamlMember(Alias = "labels")]
        public string Labels { get; init; } = "";
    }
}

using YamlDotNet.Serialization;

namespace KvAspire.Observability.Tests.Kit;

/// <summary>A file of Prometheus' rules.</summary>
internal sealed class RuleFile
{
    /// <summary>All rules of the kit.</summary>
    public static IReadOnlyList<Rule> All { get; } =
        [.. KitFiles.Rules.SelectMany(file => KitFiles.Read<RuleFile>(file).Groups).SelectMany(group => group.Rules)];

    /// <summary>The rules that are alerts.</summary>
    public static IEnumerable<Rule> Alerts => All.Where(rule => rule.Alert is not null);

    [YamlMember(Alias = "groups")]
    public List<Group> Groups { get; init; } = [];

    internal sealed class Group
    {
        [YamlMember(Alias = "rules")]
        public List<Rule> Rules { get; init; } = [];
    }

    internal sealed class Rule
    {
        [YamlMember(Alias = "alert")]
        public string? Alert { get; init; }

        [YamlMember(Alias = "record")]
        public string? Record { get; init; }

        [YamlMember(Alias = "expr")]
        public string Expression { get; init; } = "";

        [YamlMember(Alias = "labels")]
        public Dictionary<string, string> Labels { get; init; } = [];

        [YamlMember(Alias = "annotations")]
        public Dictionary<string, string> Annotations { get; init; } = [];
    }
}

using System.Text.Json.Nodes;

namespace KvAspire.Observability.Tests.Kit;

/// <summary>A dashboard of Grafana.</summary>
internal sealed record Dashboard(string File, string Uid, JsonNode Json)
{
    /// <summary>All dashboards of the kit.</summary>
    public static IReadOnlyList<Dashboard> All { get; } =
        [.. Directory.GetFiles(Path.Combine(KitFiles.Folder, "grafana"), "*.json").Order().Select(file =>
        {
            var json = JsonNode.Parse(System.IO.File.ReadAllText(file))!;
            return new Dashboard(Path.GetFileNameWithoutExtension(file), json["uid"]!.GetValue<string>(), json);
        })];

    /// <summary>The panels, rows included.</summary>
    public IEnumerable<Panel> Panels => Json["panels"]!.AsArray().Select(panel => new Panel(panel!));

    /// <summary>The names of the variables.</summary>
    public IEnumerable<string> Variables => Json["templating"]!["list"]!.AsArray().Select(variable => variable!["name"]!.GetValue<string>());
}

/// <summary>A panel of a dashboard.</summary>
internal sealed record Panel(JsonNode Json)
{
    public int Id => Json["id"]!.GetValue<int>();

    public string Title => Json["title"]!.GetValue<string>();

    public bool IsRow => Json["type"]!.GetValue<string>() is "row";

    public (int X, int Y, int Width, int Height) Place => (Length("x"), Length("y"), Length("w"), Length("h"));

    public IEnumerable<string> Expressions => Json["targets"]?.AsArray().Select(target => target!["expr"]!.GetValue<string>()) ?? [];

    private int Length(string name) => Json["gridPos"]![name]!.GetValue<int>();
}

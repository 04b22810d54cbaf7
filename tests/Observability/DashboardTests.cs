using System.Text.RegularExpressions;
using KvAspire.Observability.Tests.Kit;

namespace KvAspire.Observability.Tests;

/// <summary>Grafana's dashboards, by their structure.</summary>
public sealed partial class DashboardTests
{
    private const string DataSource = "${datasource}";

    public static TheoryData<string> Files => [.. Dashboard.All.Select(dashboard => dashboard.File)];

    [Fact]
    public void There_is_one_for_all_one_for_each_service_and_one_for_the_cache() =>
        Assert.Equal(["kvaspire-cache", "kvaspire-data", "kvaspire-gateway", "kvaspire-identity", "kvaspire-overview"], Dashboard.All.Select(dashboard => dashboard.Uid));

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_panel_asks_a_question_with_a_unit_a_legend_and_the_chosen_data_source(string file) =>
        Assert.All(Find(file).Panels.Where(panel => !panel.IsRow), panel =>
        {
            Assert.NotEmpty(panel.Title);
            Assert.Contains('?', panel.Json["description"]!.GetValue<string>());
            Assert.NotEmpty(panel.Json["fieldConfig"]!["defaults"]!["unit"]!.GetValue<string>());
            Assert.Equal(DataSource, panel.Json["datasource"]!["uid"]!.GetValue<string>());
            Assert.NotEmpty(panel.Expressions);
            Assert.All(panel.Json["targets"]!.AsArray(), target =>
            {
                Assert.Equal(DataSource, target!["datasource"]!["uid"]!.GetValue<string>());
                Assert.NotEmpty(target["legendFormat"]!.GetValue<string>());
            });
        });

    [Theory]
    [MemberData(nameof(Files))]
    public void Names_ids_and_variables_are_unique_and_known(string file)
    {
        var dashboard = Find(file);
        Assert.Equal(file, dashboard.Uid);
        Assert.Distinct(dashboard.Panels.Select(panel => panel.Id));
        Assert.Distinct(dashboard.Panels.Select(panel => panel.Title));
        var used = dashboard.Panels.SelectMany(panel => panel.Expressions).SelectMany(expression => Variable().Matches(expression).Select(match => match.Groups["name"].Value));
        Assert.Subset(dashboard.Variables.Append("__rate_interval").ToHashSet(), used.ToHashSet());
        Assert.Contains("datasource", dashboard.Variables);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Panels_are_inside_of_the_grid_and_do_not_overlap(string file)
    {
        var panels = Find(file).Panels.ToList();
        Assert.All(panels, panel => Assert.True(panel.Place.X >= 0 && panel.Place.X + panel.Place.Width <= 24, panel.Title));
        foreach (var (index, panel) in panels.Index())
            Assert.All(panels.Skip(index + 1), other => Assert.False(Overlap(panel, other), $"{panel.Title} and {other.Title}"));
    }

    private static Dashboard Find(string file) => Dashboard.All.Single(dashboard => dashboard.File == file);

    private static bool Overlap(Panel one, Panel other)
    {
        var (a, b) = (one.Place, other.Place);
        return a.X < b.X + b.Width && b.X < a.X + a.Width && a.Y < b.Y + b.Height && b.Y < a.Y + a.Height;
    }

    [GeneratedRegex(@"\$\{?(?<name>\w+)")]
    private static partial Regex Variable();
}

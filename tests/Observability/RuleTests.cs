using System.Text.RegularExpressions;
using KvAspire.Observability.Tests.Kit;

namespace KvAspire.Observability.Tests;

/// <summary>Rules, alerts, their unit tests and their runbooks.</summary>
public sealed partial class RuleTests
{
    private static readonly string[] Severities = ["page", "ticket"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Promtool_accepts_the_configuration_and_the_rules()
    {
        var (status, output) = await KitFiles.RunAsync("promtool", ["check", "config", Path.Combine(KitFiles.Prometheus, "prometheus.yml")], Cancel);
        Assert.True(status == 0, output);
        (status, output) = await KitFiles.RunAsync("promtool", ["check", "rules", "--lint=all", "--lint-fatal", .. KitFiles.Rules], Cancel);
        Assert.True(status == 0, output);
    }

    // promtool takes `expr: *name` without a word, and as the name of a metric.
    [Fact]
    public void No_rule_takes_its_expression_from_an_alias() =>
        Assert.All(KitFiles.Rules, file => Assert.DoesNotMatch(@"expr: [*&]", File.ReadAllText(file)));

    [Fact]
    public async Task Amtool_accepts_the_configuration_of_the_alertmanager()
    {
        var (status, output) = await KitFiles.RunAsync("amtool", ["check-config", Path.Combine(KitFiles.Prometheus, "alertmanager.yml")], Cancel);
        Assert.True(status == 0, output);
    }

    [Fact]
    public async Task The_unit_tests_of_the_rules_pass()
    {
        var outcomes = await Task.WhenAll(KitFiles.UnitTests.Select(file => KitFiles.RunAsync("promtool", ["test", "rules", file], Cancel)));
        Assert.All(outcomes, outcome => Assert.True(outcome.ExitCode == 0, outcome.Output));
    }

    [Fact]
    public void Each_alert_has_a_unit_test_that_it_fires_and_one_that_it_is_silent() =>
        Assert.All(RuleFile.Alerts, alert =>
        {
            Assert.Contains(UnitTestFile.All, test => test.Name.StartsWith($"{alert.Alert} fires ", StringComparison.Ordinal) && test.Expects(alert.Alert!));
            Assert.Contains(UnitTestFile.All, test => test.Name.StartsWith($"{alert.Alert} is silent ", StringComparison.Ordinal) && !test.Expects(alert.Alert!));
        });

    [Fact]
    public void Each_alert_says_what_it_means_where_its_runbook_is_and_whom_it_wakes() =>
        Assert.All(RuleFile.Alerts, alert =>
        {
            Assert.Matches("^KvAspire[A-Z][A-Za-z]+$", alert.Alert);
            Assert.Contains(alert.Labels["severity"], Severities);
            Assert.NotEmpty(alert.Annotations["summary"]);
            Assert.NotEmpty(alert.Annotations["description"]);
            Assert.Equal($"docs/runbooks/{alert.Alert}.md", alert.Annotations["runbook"]);
            Assert.Contains(Dashboard.All, dashboard => dashboard.Uid == alert.Annotations["dashboard"]);
        });

    [Fact]
    public void Each_alert_has_a_runbook_with_every_section_and_each_runbook_belongs_to_an_alert()
    {
        string[] sections = ["**Means.**", "**Users notice.**", "## Look at", "## Likely causes", "## Do", "## Ends"];
        var pages = Directory.GetFiles(KitFiles.Runbooks, "*.md").Where(page => Path.GetFileName(page) != "README.md").ToList();

        Assert.Equal(RuleFile.Alerts.Select(alert => alert.Alert!).Order(), pages.Select(page => Path.GetFileNameWithoutExtension(page)).Order());
        Assert.All(pages, page => Assert.All(sections, section => Assert.Contains(section, File.ReadAllText(page), StringComparison.Ordinal)));
    }

    [Fact]
    public void The_index_of_the_runbooks_sorts_the_alerts_by_severity()
    {
        var index = File.ReadAllText(Path.Combine(KitFiles.Runbooks, "README.md")).Split("## Tickets");
        Assert.All(RuleFile.Alerts, alert =>
            Assert.Contains($"[{alert.Alert}]({alert.Alert}.md)", index[alert.Labels["severity"] is "page" ? 0 : 1], StringComparison.Ordinal));
    }

    // Panels are quoted as *Title* after the name of their dashboard.
    [Fact]
    public void Each_panel_that_a_runbook_names_exists()
    {
        var named =
            from page in Directory.GetFiles(KitFiles.Runbooks, "*.md")
            from title in Quoted().Matches(File.ReadAllText(page)).Select(match => match.Groups["title"].Value)
            select (Page: Path.GetFileName(page), Title: title);
        var titles = Dashboard.All.SelectMany(dashboard => dashboard.Panels).Select(panel => panel.Title).ToList();

        Assert.NotEmpty(named);
        Assert.All(named, panel => Assert.True(titles.Any(title => title.StartsWith(panel.Title, StringComparison.Ordinal)), $"{panel.Page}: {panel.Title}"));
    }

    [GeneratedRegex(@"(?<!\*)\*(?<title>[A-Z][^*\n]+)\*(?!\*)")]
    private static partial Regex Quoted();
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting.Testing;
using Microsoft.Playwright;
using Xunit;

namespace KvAspire.AppHost.Tests.Lab;

/// <summary>Aspire's dashboard in a browser, as an operator uses it. <c>KVASPIRE_PICTURES=docs/images</c> renews the documentation's pictures.</summary>
[Collection(typeof(LabTests))]
public sealed class DashboardTests(LabSystem system) : IAsyncLifetime
{
    private const int Width = 1280, Height = 800;

    private Chromium browser = null!;
    private DashboardPage dashboard = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        browser = await Chromium.StartAsync();
        dashboard = new(await browser.NewPageAsync(Width, Height), await system.App.GetDashboardUrlAsync(Cancel));
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
    }

    [Fact]
    public async Task A_failing_request_is_found_by_its_trace_id_with_its_waterfall_and_its_logs()
    {
        // 1. A request that fails, and gives its trace id.
        using var gateway = system.Client("gateway", (await system.RegisterAsync(Cancel)).AccessToken);
        var trace = await TraceOfErrorAsync(gateway.GetAsync("/api/data/missing", Cancel), HttpStatusCode.NotFound);

        // 2. The greeting's link leads through the login to the waterfall, from the gateway to Postgres.
        var page = dashboard.Page;
        await OpenTraceAsync(trace, "datadb");
        Assert.EndsWith($"/traces/detail/{trace}", page.Url, StringComparison.Ordinal);
        foreach (var resource in new[] { "gateway", "data" })
            await Assertions.Expect(page.GetByText(resource, new() { Exact = true }).First).ToBeVisibleAsync();
        await dashboard.ShowAsync("trace");

        // 3. A span's attributes.
        await page.GetByText("datadb").First.ClickAsync();
        await Assertions.Expect(page.GetByText("db.system").First).ToBeVisibleAsync();
        await dashboard.ShowAsync("span");
    }

    [Fact]
    public async Task The_logs_of_a_trace_are_one_step_away()
    {
        // Nothing is logged for a good request: a lost database is.
        using var gateway = system.Client("gateway", (await system.RegisterAsync(Cancel)).AccessToken);
        await dashboard.PressAsync("data", "Kill");
        await dashboard.StateAsync("data", "Finished|Exited|Failed");
        var trace = await TraceOfErrorAsync(gateway.GetAsync("/api/data/anything", Cancel), HttpStatusCode.ServiceUnavailable);
        await dashboard.ShowAsync("killed");

        await LabSystem.EventuallyAsync(
            async () =>
            {
                await dashboard.OpenAsync($"/structuredlogs?traceId={trace}");
                await dashboard.Page.WaitForTimeoutAsync(1000);
                return await dashboard.Page.Locator(".fluent-data-grid-row, tr", new() { HasText = trace[..7] }).First.IsVisibleAsync();
            },
            "The trace has no logs.", Cancel);
        await dashboard.ShowAsync("logs-of-a-trace");
        await system.StartAsync("data", Cancel);
    }

    [Fact]
    public async Task A_metric_moves_under_load()
    {
        await dashboard.PressAsync("gateway", "Make load");

        var page = dashboard.Page;
        await LabSystem.EventuallyAsync(
            async () =>
            {
                await dashboard.OpenAsync("/metrics/resource/gateway?meter=Microsoft.AspNetCore.Hosting&instrument=http.server.request.duration&duration=1");
                return await page.Locator(".metrics-chart").IsVisibleAsync();
            },
            "The metric is not there.", Cancel);
        await page.WaitForTimeoutAsync(6000); // some seconds of load
        await dashboard.ShowAsync("metric");
        var points = await page.EvaluateAsync<int>("() => [...document.querySelectorAll('.js-plotly-plot')].flatMap(plot => plot.data).flatMap(line => [...line.y ?? []]).filter(value => value > 0).length");
        Assert.True(points > 0, "The chart is flat.");
    }

    [Fact]
    public async Task The_cache_is_paused_and_resumed_and_the_table_shows_it()
    {
        await dashboard.StateAsync("cache", "Running");
        var shown = await dashboard.PressAsync("cache", "Pause", picture: "pause");
        Assert.Contains("cache is paused", shown, StringComparison.Ordinal);
        Assert.Contains("Watch:", shown, StringComparison.Ordinal);
        await dashboard.StateAsync("cache", "Unhealthy");
        await dashboard.ShowAsync("cache-paused");
        using var gateway = system.Client("gateway", (await system.RegisterAsync(Cancel)).AccessToken);
        await OpenTraceAsync(await TraceOfErrorAsync(gateway.GetAsync("/api/data/missing", Cancel), HttpStatusCode.NotFound), "datadb");
        await dashboard.ShowAsync("cache-paused-trace");

        Assert.Contains("cache continues", await dashboard.PressAsync("cache", "Resume"), StringComparison.Ordinal);
        await dashboard.StateAsync("cache", @"Running\s*\d");
    }

    [Fact]
    public async Task With_Postgres_paused_the_table_shows_what_needs_it()
    {
        using var gateway = system.Client("gateway", (await system.RegisterAsync(Cancel)).AccessToken);
        await dashboard.PressAsync("postgres", "Pause");
        var refused = TraceOfErrorAsync(gateway.PostAsJsonAsync("/api/data", new { key = "late", value = 1 }, Cancel), HttpStatusCode.ServiceUnavailable);
        await dashboard.StateAsync("postgres", "Unhealthy");
        await dashboard.StateAsync("data", "Unhealthy");
        await dashboard.StateAsync("identity", "Unhealthy");
        await dashboard.ShowAsync("postgres-paused");
        await OpenTraceAsync(await refused, "datadb");
        await dashboard.ShowAsync("postgres-paused-trace");

        await dashboard.PressAsync("postgres", "Resume");
        await dashboard.StateAsync("postgres", @"Running\s*\d");
        await dashboard.StateAsync("data", @"Running\s*\d");
    }

    [Theory]
    [InlineData("cache", "Flush", "The cache is empty")]
    [InlineData("cache", "Slow down", "take 5 ms longer on average", "5", "1")]
    [InlineData("gateway", "Seed demo data", "The user demo has")]
    [InlineData("identity", "Rotate the signing keys", "is announced")]
    [InlineData("data", "Compact the history", "changes were removed")]
    public async Task A_command_is_pressed_and_tells_what_it_did(string resource, string command, string done, params string[] arguments) =>
        Assert.Contains(done, await dashboard.PressAsync(resource, command, picture: null, arguments), StringComparison.Ordinal);

    private static async Task<string> TraceOfErrorAsync(Task<HttpResponseMessage> request, HttpStatusCode expected)
    {
        using var failed = await request;
        Assert.Equal(expected, failed.StatusCode);
        return (await failed.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["trace_id"]!.GetValue<string>();
    }

    // Spans arrive after their request.
    private Task OpenTraceAsync(string trace, string span) => LabSystem.EventuallyAsync(
        async () =>
        {
            await dashboard.OpenAsync($"/traces/detail/{trace}");
            await dashboard.Page.WaitForTimeoutAsync(1000);
            return await dashboard.Page.GetByText(span).First.IsVisibleAsync();
        },
        $"The trace has no span of {span}.", Cancel);
}

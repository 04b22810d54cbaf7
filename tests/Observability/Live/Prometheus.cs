using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using KvAspire.Observability.Tests.Kit;

namespace KvAspire.Observability.Tests.Live;

/// <summary>Debian's Prometheus and its node exporter, with the kit's configuration and <see cref="ScaledRules"/>.</summary>
internal sealed class Prometheus : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("prometheus-").FullName;
    private readonly List<Process> processes = [];
    private readonly HttpClient http = new();

    /// <summary>Starts both on free ports.</summary>
    /// <param name="targets">The addresses of each job.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static async Task<Prometheus> StartAsync(IReadOnlyDictionary<string, string[]> targets, CancellationToken cancellationToken)
    {
        var prometheus = new Prometheus();
        var (port, nodePort) = (FreePort(), FreePort());
        prometheus.http.BaseAddress = new Uri($"http://127.0.0.1:{port}");
        prometheus.Write(new Dictionary<string, string[]>(targets) { ["node"] = [$"127.0.0.1:{nodePort}"] });
        prometheus.Run("prometheus-node-exporter", "--collector.disable-defaults", "--collector.filesystem", $"--web.listen-address=127.0.0.1:{nodePort}");
        prometheus.Run(
            "prometheus", $"--config.file={prometheus.folder}/prometheus.yml", $"--storage.tsdb.path={prometheus.folder}/data", $"--web.listen-address=127.0.0.1:{port}",
            "--log.level=warn");
        var clock = Stopwatch.StartNew();
        while (!await prometheus.IsReadyAsync(cancellationToken))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), "Prometheus does not start.");
            await Task.Delay(100, cancellationToken);
        }

        return prometheus;
    }

    /// <summary>Names the targets of a job, from now on.</summary>
    public void Scrape(string job, params string[] addresses) => Put("targets", $"{job}.yml", TargetsOf(addresses));

    /// <summary>Evaluates an expression now.</summary>
    /// <returns>The labels and the value of each series.</returns>
    public async Task<IReadOnlyList<(JsonNode Labels, double Value)>> QueryAsync(string expression, CancellationToken cancellationToken)
    {
        var answer = await ReadAsync("query", new() { ["query"] = expression }, cancellationToken);
        return [.. answer["data"]!["result"]!.AsArray().Select(series => (series!["metric"]!, double.Parse(series["value"]![1]!.GetValue<string>(), CultureInfo.InvariantCulture)))];
    }

    /// <summary>The names of the alerts that fire now, or that fired at any moment of the last seconds.</summary>
    public async Task<string[]> FiringAsync(TimeSpan last, CancellationToken cancellationToken)
    {
        var window = last == TimeSpan.Zero ? "" : string.Create(CultureInfo.InvariantCulture, $"[{(int)last.TotalMilliseconds}ms]");
        var selector = $"ALERTS{{alertstate=\"firing\"}}{window}";
        var firing = await QueryAsync($"count by (alertname) ({(window.Length > 0 ? $"max_over_time({selector})" : selector)})", cancellationToken);
        return [.. firing.Select(series => series.Labels["alertname"]!.GetValue<string>()).Order()];
    }

    /// <summary>All rules with their health.</summary>
    public async Task<IReadOnlyList<JsonNode>> RulesAsync(CancellationToken cancellationToken)
    {
        var answer = await http.GetFromJsonAsync<JsonNode>("/api/v1/rules", cancellationToken);
        return [.. answer!["data"]!["groups"]!.AsArray().SelectMany(group => group!["rules"]!.AsArray()).Select(rule => rule!)];
    }

    /// <summary>The alerts that are pending or firing, with their annotations.</summary>
    public async Task<IReadOnlyList<JsonNode>> AlertsAsync(CancellationToken cancellationToken)
    {
        var answer = await http.GetFromJsonAsync<JsonNode>("/api/v1/alerts", cancellationToken);
        return [.. answer!["data"]!["alerts"]!.AsArray().Select(alert => alert!)];
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        foreach (var process in processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(folder, recursive: true);
    }

    private async Task<JsonNode> ReadAsync(string path, Dictionary<string, string> parameters, CancellationToken cancellationToken)
    {
        using var content = new FormUrlEncodedContent(parameters);
        using var answer = await http.PostAsync($"/api/v1/{path}", content, cancellationToken);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{parameters["query"]}: {body}");
        return JsonNode.Parse(body)!;
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync("/-/ready", cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    // The kit's files, with other intervals and addresses and without an Alertmanager.
    private void Write(Dictionary<string, string[]> targets)
    {
        var configuration = File.ReadAllText(Path.Combine(KitFiles.Prometheus, "prometheus.yml"))
            .Replace("_interval: 15s", "_interval: 500ms", StringComparison.Ordinal)
            .Replace("targets: [\"localhost:9093\"]", "targets: []", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder, "prometheus.yml"), configuration);
        foreach (var rules in KitFiles.Rules)
            Put("rules", Path.GetFileName(rules), ScaledRules.Scale(File.ReadAllText(rules)));
        foreach (var (job, addresses) in targets)
            Put("targets", $"{job}.yml", TargetsOf(addresses));
    }

    private static string TargetsOf(string[] addresses) => $"- targets: [{string.Join(", ", addresses.Select(address => $"\"{address}\""))}]\n";

    private void Put(string subfolder, string name, string text) =>
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, subfolder)).FullName, name), text);

    private void Run(string program, params string[] arguments) =>
        processes.Add(Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = false, WorkingDirectory = folder })!);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using KvAspire.TestKit;
using KvAspire.Verify.Systems;
using Xunit;

namespace KvAspire.Verify.Tests;

/// <summary>
/// One of two data replicas is killed, paused or restarted every few seconds. Reads do not notice, and writes with an
/// <c>Idempotency-Key</c> are only delayed.
/// </summary>
[Collection(SharedSystem.Name)]
public sealed class ReplicaLossTests(SharedSystem shared, ITestOutputHelper output)
{
    private const int Readers = 16, Writers = 16;

    // Longer than the gateway waits for a batch of reads, shorter than its time limit for a single one.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2.5);

    private static readonly TimeSpan Takes = TimeSpan.FromSeconds(
        int.Parse(Environment.GetEnvironmentVariable("KVASPIRE_REPLICA_LOSS_SECONDS") ?? "15", CultureInfo.InvariantCulture));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_read_fails_and_no_acknowledged_write_is_lost_or_repeated()
    {
        var (_, token) = await shared.System.RegisterAsync(Cancelled);
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Readers + Writers }) { BaseAddress = shared.System.Gateway };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        for (var key = 0; key < Writers; key++)
            await PutAsync(http, key, 0);

        using var over = new CancellationTokenSource(Takes);
        var disturbing = DisturbAsync(over.Token);
        var reading = Enumerable.Range(0, Readers).Select(reader => ReadAsync(http, new Random(reader), over.Token)).ToArray();
        var writing = Enumerable.Range(0, Writers).Select(key => WriteAsync(http, key, over.Token)).ToArray();
        var reads = await disturbing.EndsWithAsync(Task.WhenAll(reading), over);
        var (written, faults) = (await Task.WhenAll(writing), await disturbing);

        output.WriteLine($"{reads.Sum()} reads, {written.Sum(key => key.Last)} writes, {written.Sum(key => key.Repeated)} of them repeated by the client, {faults} faults");
        Assert.True(faults > 0 && reads.Sum() > 0 && written.All(key => key.Last > 0));
        for (var key = 0; key < Writers; key++)
            Assert.Equal(Enumerable.Range(0, written[key].Last + 1), await ValuesAsync(http, key));
    }

    private async Task<int> DisturbAsync(CancellationToken stop)
    {
        var faults = 0;
        for (var random = new Random(1); !stop.IsCancellationRequested; faults++)
        {
            var replica = LiveSystem.Replicas[faults % 2];
            var turn = Stopwatch.StartNew();
            switch (faults % 3)
            {
                case 0:
                    await shared.System.KillAsync(replica, Cancelled);
                    await shared.System.StartAsync(replica, Cancelled);
                    break;
                case 1:
                    await shared.System.SignalAsync(replica, ResourceProcesses.Stop, CancellationToken.None);
                    await Task.Delay(Pause, Cancelled);
                    await shared.System.SignalAsync(replica, ResourceProcesses.Continue, CancellationToken.None);
                    break;
                default:
                    await shared.System.RestartAsync(replica, Cancelled);
                    break;
            }

            var rest = TimeSpan.FromSeconds(5) - turn.Elapsed;
            if (rest > TimeSpan.Zero)
                await Task.Delay(rest, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return faults;
    }

    private static async Task<int> ReadAsync(HttpClient http, Random random, CancellationToken stop)
    {
        var reads = 0;
        for (; !stop.IsCancellationRequested; reads++)
        {
            using var answer = await http.GetAsync($"/api/data/loss-{random.Next(Writers)}", Cancelled);
            Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancelled)}");
        }

        return reads;
    }

    private static async Task<(int Last, int Repeated)> WriteAsync(HttpClient http, int key, CancellationToken stop)
    {
        var (last, repeated) = (0, 0);
        while (!stop.IsCancellationRequested)
            repeated += await PutAsync(http, key, ++last);
        return (last, repeated);
    }

    // Repeats the same request until the acknowledgement, as clients do.
    private static async Task<int> PutAsync(HttpClient http, int key, int value)
    {
        var once = $"{key}-{value}";
        for (var repeated = 0; ; repeated++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, $"/api/data/loss-{key}?upsert=true")
            {
                Headers = { { "Idempotency-Key", once } },
                Content = new StringContent($$"""{"value":{{value}}}""", Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
            };
            using var answer = await http.SendAsync(request, Cancelled);
            if (answer.IsSuccessStatusCode)
                return repeated;

            Assert.True(repeated < 50 && (int)answer.StatusCode is 409 or >= 500, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancelled)}");
            await Task.Delay(100, Cancelled);
        }
    }

    // The values of the key's history, oldest first.
    private static async Task<List<int>> ValuesAsync(HttpClient http, int key)
    {
        var (values, cursor) = (new List<int>(), "");
        while (true)
        {
            var page = JsonNode.Parse(await http.GetStringAsync($"/api/revisions?key=loss-{key}&limit=1000{cursor}", Cancelled))!["data"]!;
            values.AddRange(page["revisions"]!.AsArray().Select(revision => revision!["value"]!.GetValue<int>()));
            if (page["list_complete"]!.GetValue<bool>())
                break;
            cursor = $"&cursor={Uri.EscapeDataString(page["cursor"]!.GetValue<string>())}";
        }

        values.Reverse();
        return values;
    }
}

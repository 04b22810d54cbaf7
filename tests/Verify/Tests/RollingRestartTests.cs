using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using KvAspire.Client;
using KvAspire.Verify.Systems;
using Xunit;

namespace KvAspire.Verify.Tests;

/// <summary>
/// What clients notice when each of two gateways behind a plain balancer is restarted in turn: nothing, but for watches, whose
/// connections end, and which the client resumes. They send each request once; nothing is repeated but what HTTP lets
/// a connection that closed before it took the request.
/// </summary>
[Collection(SharedSystem.Name)]
public sealed class RollingRestartTests(SharedSystem shared, ITestOutputHelper output)
{
    private const int Readers = 16, Writers = 16, Watchers = 4;

    // Of each kind one in four is a client that takes its time, so that connections lie idle while a gateway stops.
    private const int IdleEvery = 4;
    private const int LongestIdle = 3_000;

    private static readonly TimeSpan Takes = TimeSpan.FromSeconds(
        int.Parse(Environment.GetEnvironmentVariable("KVASPIRE_ROLLING_RESTART_SECONDS") ?? "15", CultureInfo.InvariantCulture));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_request_is_refused_or_cut_and_no_watch_misses_a_change()
    {
        var (_, token) = await shared.System.RegisterAsync(Cancelled);
        await using var balancer = new TcpBalancer([.. LiveSystem.Gateways.Select(shared.System.AddressOf)]);
        await balancer.AllWellAsync(Cancelled);
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Readers + Writers }) { BaseAddress = balancer.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        for (var key = 0; key < Writers; key++)
            await PutAsync(http, key, 0);

        using CancellationTokenSource over = new(Takes), seenAll = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var watches = Enumerable.Range(0, Watchers).Select(_ => new Watched()).ToArray();
        var watching = watches.Select(watch => WatchAsync(balancer.Address, token, watch, seenAll.Token)).ToArray();
        var restarting = RestartAsync(balancer, over.Token);
        var reading = Enumerable.Range(0, Readers).Select(reader => ReadAsync(http, reader, over.Token)).ToArray();
        var writing = Enumerable.Range(0, Writers).Select(key => WriteAsync(http, key, over.Token)).ToArray();
        var reads = await restarting.EndsWithAsync(Task.WhenAll(reading), over);
        var (written, restarts) = (await Task.WhenAll(writing), await restarting);

        for (var wait = 0; wait < 300 && watches.Any(watch => watch.Count < written.Sum() + Writers); wait++)
            await Task.Delay(100, Cancelled);
        await seenAll.CancelAsync();
        await Task.WhenAll(watching);

        output.WriteLine($"{reads.Sum(reader => reader.Count)} reads, {written.Sum()} writes, {restarts} restarts; "
            + $"the slowest read took {reads.Max(reader => reader.Longest).TotalMilliseconds:F0} ms");
        Assert.True(restarts >= 2 && reads.All(reader => reader.Count > 0) && written.All(last => last > 0));
        var all = written.SelectMany((last, key) => Enumerable.Range(0, last + 1).Select(value => (key, value))).ToList();
        Assert.All(watches, watch => Assert.Equal(all, watch.InOrderOfKeys()));
    }

    // As one does who renews a gateway: the next only when all are back.
    private async Task<int> RestartAsync(TcpBalancer balancer, CancellationToken stop)
    {
        var restarts = 0;
        for (; !stop.IsCancellationRequested; restarts++)
        {
            await shared.System.RestartAsync(LiveSystem.Gateways[restarts % LiveSystem.Gateways.Length], Cancelled);
            await balancer.AllWellAsync(Cancelled);
        }

        return restarts;
    }

    private static async Task<(int Count, TimeSpan Longest)> ReadAsync(HttpClient http, int reader, CancellationToken stop)
    {
        var (count, longest, random) = (0, TimeSpan.Zero, new Random(reader));
        for (; !stop.IsCancellationRequested; count++)
        {
            var began = Stopwatch.GetTimestamp();
            using var answer = await http.GetAsync($"/api/data/rolling-{random.Next(Writers)}", Cancelled);
            Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancelled)}");
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(began).Ticks));
            await IdleAsync(reader, random);
        }

        return (count, longest);
    }

    private static async Task<int> WriteAsync(HttpClient http, int key, CancellationToken stop)
    {
        var (last, random) = (0, new Random(key));
        while (!stop.IsCancellationRequested)
        {
            await PutAsync(http, key, ++last);
            await IdleAsync(key, random);
        }

        return last;
    }

    private static Task IdleAsync(int client, Random random) =>
        client % IdleEvery == 0 ? Task.Delay(random.Next(LongestIdle), Cancelled) : Task.CompletedTask;

    private static async Task PutAsync(HttpClient http, int key, int value)
    {
        using var body = new StringContent($$"""{"value":{{value}}}""", Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var answer = await http.PutAsync($"/api/data/rolling-{key}?upsert=true", body, Cancelled);
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancelled)}");
    }

    private static async Task WatchAsync(Uri gateway, string token, Watched watched, CancellationToken enough)
    {
        using var client = new KvClient(gateway, KvCredentials.AccessToken(token));
        try
        {
            await foreach (var change in client.WatchAsync<JsonElement>("rolling-", after: 0, cancellationToken: enough))
                watched.Add(int.Parse(change.Key.AsSpan("rolling-".Length), CultureInfo.InvariantCulture), change.Value.GetInt32());
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested)
        {
            // It has seen what there is.
        }
    }

    private sealed class Watched
    {
        private readonly List<(int Key, int Value)> changes = [];

        public int Count
        {
            get
            {
                lock (changes)
                    return changes.Count;
            }
        }

        public void Add(int key, int value)
        {
            lock (changes)
                changes.Add((key, value));
        }

        // By a stable sort: the changes of one key remain in the order in which they came.
        public IEnumerable<(int Key, int Value)> InOrderOfKeys() => changes.OrderBy(change => change.Key);
    }
}

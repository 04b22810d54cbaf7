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
/// Two gateways behind a plain load balancer are restarted in turn. Clients notice nothing, except that watches end and are
/// resumed. Each request is sent once; HTTP only allows a repetition where the connection closed before it took the request.
/// </summary>
[Collection(SharedSystem.Name)]
public sealed class RollingRestartTests(SharedSystem shared, ITestOutputHelper output)
{
    private const int Readers = 16, Writers = 16, Watchers = 4;

    // One in four clients of each kind is slow, so that its connection is idle while a gateway stops.
    private const int IdleEvery = 4;
    private const int LongestIdle = 3_000;

    private static readonly TimeSpan Takes = TimeSpan.FromSeconds(
        int.Parse(Environment.GetEnvironmentVariable("KVASPIRE_ROLLING_RESTART_SECONDS") ?? "15", CultureInfo.InvariantCulture));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_request_fails_and_no_watch_misses_a_change()
    {
        var (_, token) = await shared.System.RegisterAsync(Cancelled);
        await using var balancer = new TcpBalancer([.. LiveSystem.Gateways.Select(shared.System.AddressOf)]);
        await balancer.AllWellAsync(Cancelled);
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Readers + Writers }) { BaseAddress = balancer.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        for (var key = 0; key < Writers; key++)
            await PutAsync(http, key, 0);

        using CancellationTokenSource over = new(), seenAll = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var watches = Enumerable.Range(0, Watchers).Select(_ => new Watched()).ToArray();
        var watching = watches.Select(watch => WatchAsync(balancer.Address, token, watch, seenAll.Token)).ToArray();
        var restarting = RestartAsync(balancer, over);
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

    // Like a rolling update: restarts the next gateway only when all are healthy. The clients go on until each gateway has been
    // restarted, also on a slow machine.
    private async Task<int> RestartAsync(TcpBalancer balancer, CancellationTokenSource over)
    {
        var (restarts, began) = (0, Stopwatch.GetTimestamp());
        try
        {
            for (; !over.IsCancellationRequested && (restarts < LiveSystem.Gateways.Length || Stopwatch.GetElapsedTime(began) < Takes); restarts++)
            {
                await shared.System.RestartAsync(LiveSystem.Gateways[restarts % LiveSystem.Gateways.Length], Cancelled);
                await balancer.AllWellAsync(Cancelled);
            }

            return restarts;
        }
        finally
        {
            await over.CancelAsync();
        }
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
            // The watch has seen all changes.
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

        // A stable sort keeps the changes of each key in the order of their arrival.
        public IEnumerable<(int Key, int Value)> InOrderOfKeys() => changes.OrderBy(change => change.Key);
    }
}

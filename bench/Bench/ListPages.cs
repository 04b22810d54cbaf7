using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;

namespace KvAspire.Bench;

/// <summary>
/// <c>./kv bench list</c>: whether the cost of a request grows with the number of stored keys. Users with 10,000 and with
/// 1,000,000 keys list random pages, read single keys past the cache and replace values: one request at a time, in turns. Keys
/// that were stored in random order have rows all over the table. Postgres' buffers and the processor's caches hold a smaller
/// part of a larger table, so those pages have no bar.
/// </summary>
internal sealed class ListPages(Settings settings)
{
    private const int Few = 10_000, Many = 1_000_000;
    private const int PageSize = 1_000;
    private const double Bar = 1.20;

    private const string InOrder = "a page of keys stored in order", Shuffled = "a page of keys stored at random", Get = "GET past the cache", Put = "PUT";
    private static readonly string[] Rows = [InOrder, Shuffled, Get, Put];

    private readonly Random random = new(20261129);
    private readonly Dictionary<(string Row, int Keys), List<Sample>> samples = [];

    /// <returns>The exit code: 0 where a page of keys stored in order costs at most 20% more among many keys.</returns>
    public static async Task<int> RunAsync(Settings settings)
    {
        Console.WriteLine($"{settings.Rounds} rounds of {settings.Seconds} s for each row and user; pages of {PageSize} keys, values of 100 bytes");
        await using var system = await SystemUnderLoad.StartAsync();
        var pages = new ListPages(settings);
        User[] users =
        [
            await PrepareAsync(system, Few, inOrder: true), await PrepareAsync(system, Few, inOrder: false),
            await PrepareAsync(system, Many, inOrder: true), await PrepareAsync(system, Many, inOrder: false),
        ];
        await pages.MeasureAsync(users);
        foreach (var user in users)
            user.Client.Dispose();
        return pages.Report() ? 0 : 1;
    }

    private static async Task<User> PrepareAsync(SystemUnderLoad system, int keys, bool inOrder)
    {
        var username = $"{SystemUnderLoad.Username}_{keys}_{(inOrder ? "in_order" : "at_random")}";
        var owner = await system.RegisterAsync(username);
        await using (var database = NpgsqlDataSource.Create(await system.ConnectionStringAsync("datadb")))
        {
            await StoredKeys.StoreAsync(database, owner, keys, inOrder);
            await StoredKeys.SettleAsync(database);
        }

        var client = new HttpClient { BaseAddress = system.Gateway };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await system.SignInAsync(username, SystemUnderLoad.Password));
        var cursors = await CursorsAsync(client, keys);
        Console.WriteLine($"{keys} keys stored {(inOrder ? "in order" : "at random")}, then listed");
        return new(keys, inOrder, client, cursors);
    }

    // Walks through all keys in half pages, and keeps the cursors that a full page follows.
    private static async Task<List<string>> CursorsAsync(HttpClient client, int keys)
    {
        var (cursors, cursor, listed) = (new List<string>(), "", 0);
        while (cursor is not null)
        {
            using var answer = await client.GetAsync($"/api/data?limit={PageSize / 2}&cursor={cursor}");
            var page = JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!["data"]!;
            listed += page["items"]!.AsArray().Count;
            cursor = (string?)page["cursor"];
            if (cursor is not null && keys - listed >= PageSize)
                cursors.Add(cursor);
        }

        return listed == keys ? cursors : throw new InvalidOperationException($"Of {keys} keys {listed} were listed.");
    }

    // The first round warms up and does not count. The order of the users alternates.
    private async Task MeasureAsync(User[] users)
    {
        for (var round = 0; round <= settings.Rounds; round++)
        {
            foreach (var row in Rows)
            {
                foreach (var user in (round % 2 == 0 ? users : users.Reverse()).Where(user => user.InOrder == (row == InOrder)))
                {
                    var sample = await SampleAsync(user, row);
                    if (round > 0)
                        (samples.TryGetValue((row, user.Keys), out var known) ? known : samples[(row, user.Keys)] = []).Add(sample);
                }
            }
        }
    }

    private async Task<Sample> SampleAsync(User user, string row)
    {
        var (times, began, before) = (new List<double>(), Stopwatch.GetTimestamp(), CpuTime.Ours());
        while (Stopwatch.GetElapsedTime(began).TotalSeconds < settings.Seconds)
        {
            using var request = Request(user, row);
            var sent = Stopwatch.GetTimestamp();
            using var answer = await user.Client.SendAsync(request);
            answer.EnsureSuccessStatusCode();
            times.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
        }

        return new(Figures.Median(times), (CpuTime.Ours() - before) / times.Count * 1e6, times.Count);
    }

    private HttpRequestMessage Request(User user, string row)
    {
        var key = StoredKeys.Key(random.Next(1, user.Keys + 1));
        switch (row)
        {
            case InOrder or Shuffled:
                return new(HttpMethod.Get, $"/api/data?limit={PageSize}&cursor={user.Cursors[random.Next(user.Cursors.Count)]}");
            case Get:
                return new(HttpMethod.Get, $"/api/data/{key}") { Headers = { CacheControl = new() { NoCache = true } } };
            default:
                return new(HttpMethod.Put, $"/api/data/{key}")
                {
                    Content = new StringContent($$"""{"value":"{{random.Next():D98}}"}""", Encoding.UTF8, "application/json"),
                };
        }
    }

    private bool Report()
    {
        Console.WriteLine($"\n{"",-32}{"keys",10}{"requests",10}{"median ms",11}{"CPU µs",9}");
        foreach (var ((row, keys), taken) in samples.OrderBy(sample => Array.IndexOf(Rows, sample.Key.Row)).ThenBy(sample => sample.Key.Keys))
            Console.WriteLine($"{row,-32}{keys,10:N0}{taken.Sum(sample => sample.Count),10:N0}{Time(taken),11:F2}{Cpu(taken),9:F0}");

        Console.WriteLine();
        foreach (var row in Rows)
        {
            var (few, many) = (samples[(row, Few)], samples[(row, Many)]);
            var bar = row == InOrder ? $" (at most {Bar:F2})" : "";
            Console.WriteLine($"{row}: at {Many:N0} keys {Time(many) / Time(few):F2} of the time and {Cpu(many) / Cpu(few):F2} of the CPU at {Few:N0}{bar}");
        }

        return Time(samples[(InOrder, Many)]) <= Bar * Time(samples[(InOrder, Few)]) && Cpu(samples[(InOrder, Many)]) <= Bar * Cpu(samples[(InOrder, Few)]);
    }

    private static double Time(List<Sample> taken) => Figures.Median(taken.Select(sample => sample.Milliseconds));

    private static double Cpu(List<Sample> taken) => Figures.Median(taken.Select(sample => sample.CpuMicroseconds));

    private sealed record User(int Keys, bool InOrder, HttpClient Client, List<string> Cursors);

    // The median time of a request, and the CPU time of a request over all processes but this one.
    private readonly record struct Sample(double Milliseconds, double CpuMicroseconds, int Count);
}

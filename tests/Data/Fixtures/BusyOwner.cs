using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Xunit;

namespace KvAspire.Data.Tests.Fixtures;

/// <summary>
/// Clients of one owner that use two replicas at once: they add to shared counters, create, change and delete shared keys and
/// keys of their own, some of which expire. They record all answers, and Postgres must match these.
/// </summary>
internal sealed class BusyOwner(User[] replicas, int seed)
{
    private const int Clients = 32, SharedKeys = 40, OwnKeys = 4;

    private readonly long[] counters = new long[3];
    private readonly ConcurrentDictionary<string, string> own = [];
    private int left, refused;

    /// <summary>The expected value of each counter.</summary>
    public IEnumerable<(string Key, long Value)> Counters => counters.Index().Select(counter => ($"counter{counter.Index}", counter.Item));

    /// <summary>The expected values of the clients' own keys.</summary>
    public IReadOnlyDictionary<string, string> Own => own;

    /// <summary>How many operations were refused for the quota.</summary>
    public int Refused => refused;

    /// <summary>Runs a number of operations.</summary>
    public Task RunAsync(int operations)
    {
        left = operations;
        return Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => RunAsync(client, new Random((seed * 7_919) + client)))));
    }

    private async Task RunAsync(int client, Random random)
    {
        for (var n = 0; Interlocked.Decrement(ref left) >= 0; n++)
        {
            var (shared, mine) = ($"shared/{random.Next(SharedKeys)}", $"own/{client}/{random.Next(OwnKeys)}");
            switch (random.Next(12))
            {
                case < 3:
                    await AddAsync(random, random.Next(-5, 10), once: null);
                    break;
                case 3:
                    await AddAsync(random, random.Next(-5, 10), $"{client}-{n}");
                    break;
                case 4:
                    await SendAsync(random, HttpMethod.Post, "/api/data", $$$"""{"key":"{{{shared}}}","value":{{{Value(random)}}},"metadata":{"n":{{{n}}}}}""", 201, 409, 403);
                    break;
                case 5:
                    await SendAsync(random, HttpMethod.Put, $"/api/data/{shared}?upsert={(n % 2 == 0 ? "true" : "false")}", $$"""{"value":{{Value(random)}}}""", 200, 201, 404, 403);
                    break;
                case 6:
                    await SendAsync(random, HttpMethod.Delete, $"/api/data/{shared}", null, 200, 404);
                    break;
                case 7: // expires, unless a later operation changes it before
                    await SendAsync(random, HttpMethod.Put, $"/api/data/expiring/{random.Next(SharedKeys)}?upsert=true", $$"""{"value":{{Value(random)}},"ttl_seconds":1}""", 200, 201, 403);
                    break;
                case 8:
                    await DeleteOwnAsync(random, mine);
                    break;
                case 9:
                    await BulkAsync(random, shared, mine, n);
                    break;
                case 10:
                    await SendAsync(random, HttpMethod.Post, "/api/txn", $$"""{"operations":[{"op":"create","key":"{{shared}}","value":{{Value(random)}}},{"op":"delete","key":"shared/{{random.Next(SharedKeys)}}"}]}""", 200, 409, 403, 400);
                    break;
                default:
                    var value = Value(random);
                    if (await SendAsync(random, HttpMethod.Put, $"/api/data/{mine}?upsert=true", $$"""{"value":{{value}}}""", 200, 201, 403) is not 403)
                        own[mine] = value;
                    break;
            }
        }
    }

    // With an idempotency key the request is sent three times, to both replicas, twice at once, and must be done once.
    private async Task AddAsync(Random random, int delta, string? once)
    {
        var counter = random.Next(counters.Length);
        (string, string)[] headers = once is null ? [] : [("Idempotency-Key", once)];
        var answers = new List<int>();
        var first = random.Next(2);
        var attempts = Enumerable.Range(first, once is null ? 1 : 2).Select(async attempt =>
        {
            using var answer = await replicas[attempt % 2].SendAsync(HttpMethod.Post, $"/api/counters/counter{counter}", User.Json($$"""{"delta":{{delta}}}"""), headers);
            return (int)answer.StatusCode;
        });
        answers.AddRange(await Task.WhenAll(attempts));
        if (once is not null)
        {
            using var again = await replicas[first].SendAsync(HttpMethod.Post, $"/api/counters/counter{counter}", User.Json($$"""{"delta":{{delta}}}"""), headers);
            Assert.Equal(answers.Contains(403) ? 403 : 200, (int)again.StatusCode);
        }

        Assert.All(answers, status => Assert.Contains(status, (int[])[200, 403, 409]));
        if (answers.Contains(200))
            Interlocked.Add(ref counters[counter], delta);
        else
            Assert.Contains(403, answers); // a new counter needs a key of the quota
    }

    private async Task DeleteOwnAsync(Random random, string mine)
    {
        var status = await SendAsync(random, HttpMethod.Delete, $"/api/data/{mine}", null, 200, 404);
        Assert.Equal(own.TryRemove(mine, out _) ? 200 : 404, status);
    }

    private async Task BulkAsync(Random random, string shared, string mine, int n)
    {
        var value = Value(random);
        var body = $$"""
            {"operations":[{"op":"put","key":"{{mine}}","value":{{value}},"metadata":null},{"op":"create","key":"{{shared}}","value":{{n}}},
            {"op":"delete","key":"{{shared}}"},{"op":"put","key":"shared/{{random.Next(SharedKeys)}}","value":[{{n}}]}]}
            """;
        Interlocked.Add(ref left, -3);
        using var answer = await replicas[random.Next(2)].SendAsync(HttpMethod.Post, "/api/bulk", User.Json(body));
        Assert.Equal(200, (int)answer.StatusCode);
        using var results = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        if (results.RootElement.GetProperty("data").GetProperty("results")[0].GetProperty("status").GetInt32() is 200 or 201)
            own[mine] = value;
        else
            Interlocked.Increment(ref refused);
    }

    private async Task<int> SendAsync(Random random, HttpMethod method, string target, string? body, params int[] expected)
    {
        using var answer = await replicas[random.Next(2)].SendAsync(method, target, body is null ? null : User.Json(body));
        var status = (int)answer.StatusCode;
        Assert.True(expected.Contains(status), $"{method} {target}: {status} {await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
        if (status == 403)
            Interlocked.Increment(ref refused);
        return status;
    }

    private static string Value(Random random) => new StringBuilder("\"").Append('x', random.Next(200)).Append("é\"").ToString();
}

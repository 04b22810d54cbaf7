using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;

namespace KvAspire.Bench;

/// <summary>
/// <c>./kv bench sign-in</c>: whether the time of a refused sign-in reveals its reason. An unknown user, a wrong password, a
/// locked and a disabled account (both with the right password), in turns, one request at a time, directly at the identity
/// service, since the gateway's noise could hide a difference.
/// </summary>
internal sealed class SignInTiming(SystemUnderLoad system, HttpClient identity)
{
    private const int Samples = 200, WarmUp = 10, Accounts = 10;
    private const double Bar = 1.10;
    private const string WrongPassword = "a wrong password of the bench";

    // An account is first locked for 15 seconds; another one is locked well before that.
    private static readonly TimeSpan LockFor = TimeSpan.FromSeconds(9);

    private readonly Dictionary<string, List<double>> times = Kinds.ToDictionary(kind => kind, _ => new List<double>());
    private readonly Dictionary<string, List<string>> ids = Kinds.ToDictionary(kind => kind, _ => new List<string>());
    private readonly List<string> wrong = [], disabled = [];
    private (string Username, string Address, long Since) locked;
    private int addresses;

    private static readonly string[] Kinds = ["unknown", "wrong", "locked", "disabled"];

    /// <returns>The exit code: 0 where the medians differ by at most 10%.</returns>
    public static async Task<int> RunAsync()
    {
        Console.WriteLine($"{Samples} refused sign-ins of each kind, in turns, with the production cost of the hash");
        await using var system = await SystemUnderLoad.StartAsync();
        using var identity = new HttpClient { BaseAddress = system.Address("identity") };
        var timing = new SignInTiming(system, identity);
        await timing.PrepareAsync();
        await timing.MeasureAsync();
        return await timing.AreKindsTrueAsync() && timing.Report() ? 0 : 1;
    }

    private async Task PrepareAsync()
    {
        for (var account = 0; account < Accounts; account++)
        {
            wrong.Add(await RegisterAsync("wrong"));
            disabled.Add(await RegisterAsync("disabled"));
        }

        using var admin = new HttpClient { BaseAddress = system.Gateway };
        admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await system.SignInAsync("admin", SystemUnderLoad.AdminPassword));
        foreach (var id in ids["disabled"])
        {
            using var answer = await admin.PatchAsJsonAsync($"/api/admin/users/{id}", new { disabled = true });
            answer.EnsureSuccessStatusCode();
        }
    }

    // Only the locked account may hit the lockout: every other account is tried once from each address, and fewer than 100 times
    // in all.
    private async Task MeasureAsync()
    {
        for (var round = 0; round < WarmUp + Samples; round++)
        {
            if (locked.Username is null || Stopwatch.GetElapsedTime(locked.Since) > LockFor)
                await LockAnotherAsync();

            for (var turn = 0; turn < Kinds.Length; turn++)
            {
                var kind = Kinds[(round + turn) % Kinds.Length]; // each kind follows each other one
                var time = kind switch
                {
                    "unknown" => await RefusedAsync($"nobody_{Guid.NewGuid():N}", WrongPassword, NewAddress()),
                    "wrong" => await RefusedAsync(wrong[round % Accounts], WrongPassword, NewAddress()),
                    "locked" => await RefusedAsync(locked.Username!, SystemUnderLoad.Password, locked.Address),
                    _ => await RefusedAsync(disabled[round % Accounts], SystemUnderLoad.Password, NewAddress()),
                };
                if (round >= WarmUp)
                    times[kind].Add(time);
            }
        }
    }

    // Only the audit log has the reason of each refusal.
    private async Task<bool> AreKindsTrueAsync()
    {
        await using var database = NpgsqlDataSource.Create(await system.ConnectionStringAsync("identitydb"));
        var (all, isTrue) = (WarmUp + Samples, true);
        await AssertAsync("unknown", "outcome = 'failure' AND subject IS NULL", all);
        await AssertAsync("wrong", "outcome = 'failure' AND subject = ANY($1)", all);
        await AssertAsync("locked", "outcome = 'locked' AND subject = ANY($1)", all);
        await AssertAsync("locked nobody else", "outcome = 'locked'", all);
        await AssertAsync("disabled", "outcome = 'disabled' AND subject = ANY($1)", all);
        return isTrue;

        async Task AssertAsync(string kind, string condition, long expected)
        {
            await using var count = database.CreateCommand($"SELECT coalesce(sum(count), 0)::bigint FROM audit_events WHERE kind = 'user.sign_in' AND {condition}");
            if (condition.Contains("$1", StringComparison.Ordinal))
                count.Parameters.Add(new() { Value = ids[kind].ToArray() });
            var found = (long)(await count.ExecuteScalarAsync())!;
            if (found != expected)
                Console.WriteLine($"{kind}: {found} of {expected} sign-ins had the expected outcome");
            isTrue &= found == expected;
        }
    }

    private bool Report()
    {
        Console.WriteLine($"\n{"",-12}{"sign-ins",10}{"median ms",12}{"p10 ms",10}{"p90 ms",10}");
        foreach (var (kind, measured) in times)
            Console.WriteLine($"{kind,-12}{measured.Count,10}{At(measured, 0.5),12:F2}{At(measured, 0.1),10:F2}{At(measured, 0.9),10:F2}");

        var medians = times.Values.Select(measured => At(measured, 0.5)).ToList();
        var ratio = medians.Max() / medians.Min();
        Console.WriteLine($"\nthe slowest median over the fastest: {ratio:F3} (at most {Bar:F2})");
        return ratio <= Bar;

        static double At(List<double> measured, double part) => measured.Order().ElementAt((int)(measured.Count * part));
    }

    private async Task<double> RefusedAsync(string username, string password, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/token") { Content = JsonContent.Create(new { username, password }) };
        request.Headers.Add("X-Forwarded-For", address); // as the gateway would
        await request.Content.LoadIntoBufferAsync();

        var began = Stopwatch.GetTimestamp();
        using var answer = await identity.SendAsync(request);
        await answer.Content.ReadAsStringAsync();
        var time = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        return answer.StatusCode is HttpStatusCode.Unauthorized ? time : throw new InvalidOperationException($"Answered {(int)answer.StatusCode}.");
    }

    private async Task LockAnotherAsync()
    {
        locked = (await RegisterAsync("locked"), NewAddress(), Stopwatch.GetTimestamp());
        for (var attempt = 0; attempt < 5; attempt++)
            await RefusedAsync(locked.Username, WrongPassword, locked.Address);
    }

    private async Task<string> RegisterAsync(string kind)
    {
        var username = $"{kind}_{Guid.NewGuid():N}";
        using var answer = await identity.PostAsJsonAsync("/api/register", new { username, email = $"{username}@example.com", password = SystemUnderLoad.Password, full_name = "Bench" });
        answer.EnsureSuccessStatusCode();
        ids[kind].Add(JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["data"]!["user_id"]!.GetValue<string>());
        return username;
    }

    // In the network for benchmarks (RFC 2544).
    private string NewAddress() => $"198.18.{++addresses / 256}.{addresses % 256}";
}

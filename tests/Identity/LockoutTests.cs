using KvAspire.Identity.Tests.Fixtures;
using KvAspire.Identity.Users;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace KvAspire.Identity.Tests;

public sealed class LockoutTests(IdentityFixture identity) : IAsyncLifetime
{
    private const string InvalidCredentials = "Invalid credentials. The provided username or password is incorrect.";

    private QuickIdentity quick = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        quick = new(identity.Service.Database, services => services.Configure<SignIns.LockoutOptions>(lockout => lockout.SiegeAt = 20));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => quick.DisposeAsync();

    [Fact]
    public async Task After_five_wrong_passwords_waits_double_up_to_15_minutes_even_for_the_right_one()
    {
        var person = await RegisterAsync();
        using var client = quick.ClientFrom("192.0.2.1");
        for (var attempt = 0; attempt < 5; attempt++)
        {
            await AssertRefusedAsync(client, Wrong(person));
        }

        int[] waits = [15, 30, 60, 120, 240, 480, 900, 900];
        foreach (var wait in waits.Select(seconds => TimeSpan.FromSeconds(seconds)))
        {
            await AssertRefusedAsync(client, person);
            quick.Clock.Advance(wait - TimeSpan.FromSeconds(5)); // real time passes as well
            await AssertRefusedAsync(client, person);
            quick.Clock.Advance(TimeSpan.FromSeconds(6));
            await AssertRefusedAsync(client, Wrong(person)); // counts, and prolongs the wait
        }

        quick.Clock.Advance(TimeSpan.FromMinutes(15));
        await person.SignInAsync(client, Cancelled);
        await AssertRefusedAsync(client, Wrong(person)); // forgotten
        await person.SignInAsync(client, Cancelled);
    }

    [Fact]
    public async Task Attempts_during_a_wait_do_not_prolong_it()
    {
        var person = await RegisterAsync();
        using var client = quick.ClientFrom("192.0.2.2");
        for (var attempt = 0; attempt < 30; attempt++)
            await AssertRefusedAsync(client, Wrong(person));

        quick.Clock.Advance(TimeSpan.FromSeconds(16));
        await person.SignInAsync(client, Cancelled);
    }

    [Theory]
    [InlineData("192.0.2.3", "192.0.2.4")]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1")]
    public async Task A_lockout_at_one_address_does_not_affect_another(string attacker, string home)
    {
        var person = await RegisterAsync();
        using var there = quick.ClientFrom(attacker);
        for (var attempt = 0; attempt < 12; attempt++)
            await AssertRefusedAsync(there, Wrong(person));
        await AssertRefusedAsync(there, person);

        using var here = quick.ClientFrom(home);
        await person.SignInAsync(here, Cancelled);
        await AssertRefusedAsync(there, person); // the user's sign-in does not free the attacker
    }

    [Fact]
    public async Task An_IPv6_network_counts_as_one_client()
    {
        var person = await RegisterAsync();
        for (var host = 1; host <= 5; host++)
        {
            using var client = quick.ClientFrom($"2001:db8:1:9::{host}");
            await AssertRefusedAsync(client, Wrong(person));
        }

        using var next = quick.ClientFrom("2001:db8:1:9:ffff::1");
        await AssertRefusedAsync(next, person);
    }

    [Fact]
    public async Task Guesses_from_many_addresses_leave_each_new_address_one_free_attempt()
    {
        var person = await RegisterAsync();
        for (var host = 1; host <= 20; host++)
        {
            using var client = quick.ClientFrom($"198.51.100.{host}");
            await AssertRefusedAsync(client, Wrong(person));
        }

        using var guesser = quick.ClientFrom("198.51.100.100");
        await AssertRefusedAsync(guesser, Wrong(person));
        await AssertRefusedAsync(guesser, person);
        using var owner = quick.ClientFrom("198.51.100.101");
        await person.SignInAsync(owner, Cancelled);
    }

    [Fact]
    public async Task Concurrent_guesses_after_the_fifth_wrong_one_are_refused_even_the_right_one()
    {
        var person = await RegisterAsync();
        using var client = quick.ClientFrom("192.0.2.5");
        var wrong = Enumerable.Range(0, 40).Select(_ => StatusAsync(client, Wrong(person))).ToList();
        var pending = wrong.ToList();
        while (pending.Count > wrong.Count - 6) // the answers come in any order
            pending.Remove(await Task.WhenAny(pending));
        var right = StatusAsync(client, person);

        Assert.All(await Task.WhenAll(wrong), status => Assert.Equal(401, status));
        Assert.Equal(401, await right);
    }

    // The lock on the user holds the attempts up after their hashes, so that they are decided at the same time.
    [Fact]
    public async Task Of_64_simultaneous_wrong_guesses_exactly_the_allowed_five_count_and_the_right_one_is_refused()
    {
        await using var alone = new QuickIdentity(await identity.CreateMigratedDatabaseAsync(Cancelled));
        var person = Person.New();
        var id = await person.RegisterAsync(alone.Client, Cancelled);
        using var client = alone.ClientFrom("192.0.2.9");
        await using var holder = new NpgsqlConnection(alone.Database);
        await holder.OpenAsync(Cancelled);
        List<Task<int>> guesses;
        await using (await holder.BeginTransactionAsync(Cancelled))
        {
            await using var hold = new NpgsqlCommand($"SELECT FROM users WHERE id = '{id}' FOR UPDATE", holder);
            await hold.ExecuteNonQueryAsync(Cancelled);
            guesses = [.. Enumerable.Range(0, 64).Select(_ => StatusAsync(client, Wrong(person)))];
            for (var began = TimeProvider.System.GetTimestamp(); await CountWaitingAsync(alone.Database) < 10; await Task.Delay(20, Cancelled))
                Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20), "The attempts do not wait for the lock.");
        }

        Assert.All(await Task.WhenAll(guesses), status => Assert.Equal(401, status));
        await AssertRefusedAsync(client, person);
        Assert.Equal(["failure|5", "locked|60"], await IdentityFixture.QueryAsync(
            alone.Database, $"SELECT outcome, sum(count) FROM audit_events WHERE subject = '{id}' AND kind = 'user.sign_in' GROUP BY 1 ORDER BY 1", Cancelled));
        Assert.Equal(["*|5", "192.0.2.9|5"], await IdentityFixture.QueryAsync(
            alone.Database, $"SELECT address, failures FROM failed_sign_ins WHERE account = '{id}' ORDER BY 1", Cancelled));

        static async Task<int> CountWaitingAsync(string database) => int.Parse((await IdentityFixture.QueryAsync(
            database, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", Cancelled))[0],
            System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Concurrent_right_passwords_all_sign_in()
    {
        var person = await RegisterAsync();
        using var client = quick.ClientFrom("192.0.2.6");
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => StatusAsync(client, person))), status => Assert.Equal(200, status));
    }

    [Theory]
    [InlineData(QuickIdentity.Iterations / 2, QuickIdentity.Iterations)]
    [InlineData(QuickIdentity.Iterations * 2, QuickIdentity.Iterations * 2)] // more iterations than the setting
    public async Task Refusal_on_a_hash_with_other_iterations_costs_the_same_for_right_and_wrong_passwords(int then, int cost)
    {
        var before = new PasswordHasher<User>(Options.Create(new PasswordHasherOptions { IterationCount = then }));
        var (locked, disabled) = (Person.New(), Person.New());
        var hash = before.HashPassword(new() { FullName = "" }, Person.GoodPassword);
        foreach (var (person, change) in new[] { (locked, ""), (disabled, ", disabled_at = now()") })
        {
            var id = await person.RegisterAsync(quick.Client, Cancelled);
            await IdentityFixture.QueryAsync(quick.Database, $"UPDATE users SET password_hash = '{hash}'{change} WHERE id = '{id}'", Cancelled);
        }

        using var client = quick.ClientFrom("192.0.2.8");
        for (var attempt = 0; attempt < 5; attempt++)
            await AssertRefusedAsync(client, Wrong(locked));

        foreach (var person in new[] { locked, Wrong(locked), disabled, Wrong(disabled) })
        {
            quick.Hasher.Verified.Clear();
            await AssertRefusedAsync(client, person);
            Assert.Equal(cost, quick.Hasher.Verified.Sum(Iterations));
        }
    }

    [Fact]
    public async Task Every_refusal_costs_one_hash_and_only_the_audit_log_tells_them_apart()
    {
        await using var alone = new QuickIdentity(await identity.CreateMigratedDatabaseAsync(Cancelled));
        var (locked, disabled, wrong, unknown) = (Person.New(), Person.New(), Person.New(), Person.New());
        var ids = new List<string>();
        foreach (var person in new[] { locked, disabled, wrong })
            ids.Add(await person.RegisterAsync(alone.Client, Cancelled));
        using var client = alone.ClientFrom("192.0.2.7");
        for (var attempt = 0; attempt < 5; attempt++)
            await AssertRefusedAsync(client, Wrong(locked));
        await IdentityFixture.QueryAsync(alone.Database, $"UPDATE users SET disabled_at = now() WHERE id = '{ids[1]}'", Cancelled);

        foreach (var person in new[] { locked, disabled, Wrong(wrong), unknown })
        {
            alone.Hasher.Verified.Clear();
            await AssertRefusedAsync(client, person);
            var hash = Assert.Single(alone.Hasher.Verified);
            Assert.Equal(QuickIdentity.Iterations, Iterations(hash));
        }

        Assert.Equal(
            [$"locked||{ids[0]}|192.0.2.7", $"disabled||{ids[1]}|192.0.2.7", $"failure||{ids[2]}|192.0.2.7", "failure|||192.0.2.7"],
            await IdentityFixture.QueryAsync(
                alone.Database,
                """
                SELECT * FROM (SELECT outcome, actor, subject, host(client_address) FROM audit_events
                WHERE kind = 'user.sign_in' AND trace_id IS NOT NULL ORDER BY id DESC LIMIT 4) AS last ORDER BY outcome <> 'locked', outcome, subject
                """, Cancelled));
    }

    private async Task<Person> RegisterAsync()
    {
        var person = Person.New();
        await person.RegisterAsync(quick.Client, Cancelled);
        return person;
    }

    private static int Iterations(string hash) => System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(Convert.FromBase64String(hash).AsSpan(5));

    private static Person Wrong(Person person) => person with { Password = "a wrong password" };

    private static async Task<int> StatusAsync(HttpClient client, Person person)
    {
        using var response = await client.PostAsync("/api/token", Person.Json(person.Credentials), Cancelled);
        return (int)response.StatusCode;
    }

    private static async Task AssertRefusedAsync(HttpClient client, Person person)
    {
        using var response = await client.PostAsync("/api/token", Person.Json(person.Credentials), Cancelled);
        await Envelope.AssertErrorAsync(response, 401, "INVALID_CREDENTIALS", InvalidCredentials, Cancelled);
    }
}

using KvAspire.Identity.Passwords;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KvAspire.Identity.Tests;

public sealed class HashQueueTests(IdentityFixture identity)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task At_most_the_configured_number_of_hashes_runs_at_once()
    {
        using var queue = NewQueue(new() { Concurrency = 2 });
        var (running, most) = (0, 0);
        var work = Enumerable.Range(0, 40).Select(i => queue.RunAsync($"{i % 3}", () =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            Thread.SpinWait(200_000);
            return Interlocked.Decrement(ref running);
        }, Cancelled));

        Assert.All(await Task.WhenAll(work), turn => Assert.Null(turn.RetryAfter));
        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task Addresses_take_turns_and_each_line_keeps_its_order()
    {
        using var queue = NewQueue(new() { Concurrency = 1 });
        using var gate = new ManualResetEventSlim();
        var order = new List<string>();
        using var started = new ManualResetEventSlim();
        var busy = queue.RunAsync("busy", () => { started.Set(); return gate.Wait(Patience, Cancelled); }, Cancelled);
        started.Wait(Patience, Cancelled);
        string[] names = ["flood 1", "flood 2", "flood 3", "flood 4", "guest 1", "guest 2", "third 1"];
        var work = names.Select(name => queue.RunAsync(name[..5], () => { order.Add(name); return true; }, Cancelled)).ToList();

        gate.Set();
        await busy;
        await Task.WhenAll(work);
        Assert.Equal(["flood 1", "guest 1", "third 1", "flood 2", "guest 2", "flood 3", "flood 4"], order);
    }

    [Fact]
    public async Task A_full_line_refuses_its_address_and_a_full_queue_refuses_all_with_a_retry_time()
    {
        using var queue = NewQueue(new() { Concurrency = 1, MaxWaiting = 5, MaxWaitingPerAddress = 3 });
        using var gate = new ManualResetEventSlim();
        using var started = new ManualResetEventSlim();
        var busy = queue.RunAsync("busy", () => { started.Set(); return gate.Wait(Patience, Cancelled); }, Cancelled);
        started.Wait(Patience, Cancelled);
        Task<Turn<bool>> Join(string address) => queue.RunAsync(address, () => true, Cancelled);

        var flood = Enumerable.Range(0, 3).Select(_ => Join("flood")).ToList();
        Assert.NotNull((await Join("flood")).RetryAfter);
        var guests = new[] { Join("guest 1"), Join("guest 2") };
        var refused = (await Join("guest 3")).RetryAfter;
        Assert.InRange(refused!.Value, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2)); // 6 hashes of about 100 ms

        gate.Set();
        Assert.All(await Task.WhenAll([busy, .. flood, .. guests]), turn => Assert.True(turn.Value));
        Assert.True((await Join("flood")).Value);
    }

    [Fact]
    public async Task A_cancelled_hash_leaves_the_line()
    {
        using var queue = NewQueue(new() { Concurrency = 1, MaxWaiting = 1 });
        using var gate = new ManualResetEventSlim();
        using var started = new ManualResetEventSlim();
        using var impatient = new CancellationTokenSource();
        var busy = queue.RunAsync("a", () => { started.Set(); return gate.Wait(Patience, Cancelled); }, Cancelled);
        started.Wait(Patience, Cancelled);

        var waiting = queue.RunAsync("b", () => true, impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        var next = queue.RunAsync("c", () => true, Cancelled);
        gate.Set();
        Assert.True((await next).Value);
        Assert.True((await busy).Value);
    }

    [Fact]
    public async Task The_caller_gets_the_exception_of_a_hash_and_the_next_hash_runs()
    {
        using var queue = NewQueue(new() { Concurrency = 1 });
        await Assert.ThrowsAsync<FormatException>(() => queue.RunAsync<bool>("a", () => throw new FormatException(), Cancelled));
        Assert.True((await queue.RunAsync("a", () => true, Cancelled)).Value);
    }

    [Fact]
    public async Task Sign_ins_and_registrations_beyond_the_queue_get_503_with_Retry_After()
    {
        await using var busy = new QuickIdentity(identity.Service.Database, services => services.Configure<HashingOptions>(options =>
            (options.Concurrency, options.MaxWaiting, options.Iterations) = (1, 2, 400_000)));
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => busy.Client.PostAsync(
            i % 2 == 0 ? "/api/token" : "/api/register", Person.Json(i % 2 == 0 ? Person.New().Credentials : Person.New().Registration), Cancelled)));

        var refused = answers.Where(answer => (int)answer.StatusCode == 503).ToList();
        Assert.NotEmpty(refused);
        Assert.Contains(answers, answer => (int)answer.StatusCode is 401 or 201);
        foreach (var answer in refused)
        {
            await Envelope.AssertErrorAsync(answer, 503, "UNAVAILABLE",
                "The service is temporarily unavailable; nothing was stored. Please try again later.", Cancelled);
            Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
        }
    }

    [Fact]
    public async Task Password_grants_beyond_the_queue_get_an_OAuth_error_with_Retry_After()
    {
        await using var busy = new QuickIdentity(identity.Service.Database, services => services.Configure<HashingOptions>(options =>
            (options.Concurrency, options.MaxWaiting, options.Iterations) = (1, 2, 400_000)));
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => busy.Client.PostAsync(
            "/connect/token", new FormUrlEncodedContent([new("grant_type", "password"), new("username", Person.New().Username), new("password", "a wrong password")]), Cancelled)));

        var refused = answers.Where(answer => (int)answer.StatusCode == 503).ToList();
        Assert.NotEmpty(refused);
        Assert.Contains(answers, answer => (int)answer.StatusCode is 400);
        foreach (var answer in refused)
        {
            await Envelope.AssertOAuthErrorAsync(
                answer, 503, "temporarily_unavailable", "The service is temporarily unavailable. Please try again later.", Cancelled);
            Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
            Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
        }
    }

    [Fact]
    public async Task Only_a_sign_in_renews_a_hash_with_other_iterations()
    {
        var person = Person.New();
        var id = await person.RegisterAsync(identity.Client, Cancelled);
        await using var quick = new QuickIdentity(identity.Service.Database);

        using var wrong = await quick.Client.PostAsync("/api/token", Person.Json((person with { Password = "another password" }).Credentials), Cancelled);
        Assert.Equal(IdentityService.Iterations, await IterationsAsync(id));
        await person.SignInAsync(quick.Client, Cancelled);
        Assert.Equal(QuickIdentity.Iterations, await IterationsAsync(id)); // the setting may lower the number
        await person.SignInAsync(identity.Client, Cancelled);
        Assert.Equal(IdentityService.Iterations, await IterationsAsync(id));
        await person.SignInAsync(quick.Client, Cancelled);
    }

    private async Task<int> IterationsAsync(string id)
    {
        var hash = Assert.Single(await IdentityFixture.QueryAsync(
            identity.Service.Database, $"SELECT password_hash FROM users WHERE id = '{id}'", Cancelled));
        return System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(Convert.FromBase64String(hash).AsSpan(5));
    }

    private HashQueue NewQueue(HashingOptions options) =>
        new(Options.Create(options), identity.Service.Services.GetRequiredService<HashMetrics>(), TimeProvider.System);
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Aspire.Hosting.Testing;
using KvAspire.Client;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.AppHost.Tests;

/// <summary>The typed client against the whole system.</summary>
public sealed class ClientTests(RunningSystem system)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entries_are_stored_read_changed_on_conditions_counted_and_deleted()
    {
        using var kv = await NewUserAsync();
        const string Key = "a//b %2F?";

        var created = await kv.CreateAsync(Key, new Person("Ada", 36), new() { TimeToLive = TimeSpan.FromHours(1), Metadata = Json("""{"team":"blue"}""") }, cancellationToken: Cancel);
        var read = await kv.GetAsync<Person>(Key, cancellationToken: Cancel);
        Assert.Equal(new Person("Ada", 36), read!.Value);
        Assert.Equal((Key, created.Revision, """{"team":"blue"}"""), (read.Key, read.Revision, read.Metadata!.Value.GetRawText()));
        Assert.NotNull(read.ExpiresAt);
        Assert.Equal(created.Revision, await kv.HeadAsync(Key, Cancel));

        var changed = await kv.ReplaceAsync(Key, new Person("Lovelace", 37), new() { IfMatch = created.Revision }, type: Names.Default.Person, cancellationToken: Cancel);
        Assert.Equal("Lovelace", (await kv.GetAsync(Key, Names.Default.Person, pastCache: true, Cancel))!.Value.Name);
        Assert.True((await kv.SetUtf8Async("raw", """{ "n" : 1.50 }"""u8.ToArray(), cancellationToken: Cancel)).Created);
        Assert.Equal("""{ "n" : 1.50 }"""u8.ToArray(), await kv.GetUtf8Async("raw", Cancel));

        Assert.Equal(5, await kv.AddAsync("visits", 5, cancellationToken: Cancel));
        Assert.Equal(BigInteger.Parse("1000000000000000000004"), await kv.AddAsync("visits", BigInteger.Parse("999999999999999999999"), cancellationToken: Cancel));
        Assert.Equal(3, (await kv.UsageAsync(Cancel)).Keys);

        Assert.True(await kv.DeleteAsync(Key, changed.Revision, Cancel));
        Assert.False(await kv.DeleteAsync(Key, cancellationToken: Cancel));
        Assert.Null(await kv.GetAsync<Person>(Key, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Set_stores_a_new_or_existing_key_create_only_a_new_one_and_replace_only_an_existing_one()
    {
        using var kv = await NewUserAsync();
        await Assert.ThrowsAsync<KvKeyNotFoundException>(() => kv.ReplaceAsync("k", 1, cancellationToken: Cancel));
        Assert.True((await kv.SetAsync("k", 1, cancellationToken: Cancel)).Created);
        Assert.False((await kv.SetAsync("k", 2, cancellationToken: Cancel)).Created);
        var replaced = await kv.ReplaceAsync("k", 3, cancellationToken: Cancel);
        await Assert.ThrowsAsync<KvPreconditionFailedException>(() => kv.SetAsync("k", 4, new() { IfMatch = replaced.Revision - 1 }, cancellationToken: Cancel));

        var exists = await Assert.ThrowsAsync<KvKeyExistsException>(() => kv.CreateAsync("k", 5, cancellationToken: Cancel));

        Assert.Equal(("KEY_EXISTS", HttpStatusCode.Conflict), (exists.Code, exists.Status));
        Assert.Matches("^[0-9a-f]{32}$", exists.TraceId);
        Assert.StartsWith($"KvAspire.Client.KvKeyExistsException: {exists.Message} (409 KEY_EXISTS, trace {exists.TraceId})", exists.ToString(), StringComparison.Ordinal);
        Assert.Equal(3, (await kv.GetAsync<int>("k", cancellationToken: Cancel))!.Value);
    }

    [Fact]
    public async Task A_refresh_returns_the_same_entry_until_it_changes_and_null_once_it_is_gone()
    {
        using var kv = await NewUserAsync();
        await kv.SetAsync("k", new Person("Ada", 36), cancellationToken: Cancel);
        var read = (await kv.GetAsync<Person>("k", cancellationToken: Cancel))!;

        Assert.Same(read, await kv.RefreshAsync(read, cancellationToken: Cancel));
        var written = await kv.SetAsync("k", new Person("Ada", 37), cancellationToken: Cancel);
        var fresh = await kv.RefreshAsync(read, cancellationToken: Cancel);
        Assert.Equal((new Person("Ada", 37), written.Revision), (fresh!.Value, fresh.Revision));
        await kv.DeleteAsync("k", cancellationToken: Cancel);
        Assert.Null(await kv.RefreshAsync(fresh, cancellationToken: Cancel));
    }

    [Theory]
    [InlineData("""{"name":"Ada","age":36,"born":1815}""", "born")]
    [InlineData("""{"name":"Ada"}""", "age")]
    [InlineData("""{"Name":"Ada","Age":36}""", "Name")]
    public async Task A_value_that_does_not_fit_its_type_is_an_error_that_names_the_key_and_the_member(string value, string member)
    {
        using var kv = await NewUserAsync();
        await kv.SetUtf8Async("people/1", System.Text.Encoding.UTF8.GetBytes(value), cancellationToken: Cancel);

        var misfit = await Assert.ThrowsAsync<KvValueException>(() => kv.GetAsync<Person>("people/1", cancellationToken: Cancel));

        Assert.Equal("people/1", misfit.Key);
        Assert.Contains("\"people/1\"", misfit.Message, StringComparison.Ordinal);
        Assert.Contains(member, misfit.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fields_and_members_of_derived_types_are_written_and_read()
    {
        using var kv = await NewUserAsync();
        Employee ada = new("Ada", "analyst") { Room = 7 };
        await kv.SetAsync<Named>("k", ada, cancellationToken: Cancel);

        var read = await kv.GetAsync<Employee>("k", cancellationToken: Cancel);

        Assert.Equal(ada, read!.Value);
        Assert.Equal("""{"job":"analyst","name":"Ada","room":7}"""u8.ToArray().Length, (await kv.GetUtf8Async("k", Cancel))!.Length);
    }

    [Fact]
    public async Task Bulk_operations_paged_lists_and_history_return_the_stored_data()
    {
        using var kv = await NewUserAsync();
        var outcomes = await kv.BulkAsync(Enumerable.Range(0, 25).Select(i => KvOperation.Set($"list/{i:D2}", JsonSerializer.SerializeToUtf8Bytes(i))), cancellationToken: Cancel);
        Assert.All(outcomes, outcome => Assert.True(outcome.Succeeded));

        var listed = await kv.ListAsync<int>(new() { Prefix = "list/", PageSize = 10 }, cancellationToken: Cancel).ToListAsync(Cancel);
        Assert.Equal(Enumerable.Range(0, 25), listed.Select(entry => entry.Value));
        var folders = await kv.ListPageAsync<int>(new() { Delimiter = "/" }, cancellationToken: Cancel);
        Assert.Equal(["list/"], folders.Prefixes);

        await kv.TransactAsync([new("lock", Exists: false)], [KvOperation.Create("lock", "1"u8.ToArray())], cancellationToken: Cancel);
        var conflict = await Assert.ThrowsAsync<KvTransactionConflictException>(() =>
            kv.TransactAsync([new("lock", Exists: false)], [KvOperation.Set("lock", "2"u8.ToArray())], cancellationToken: Cancel));
        Assert.Equal("checks[0]", conflict.Errors.Keys.Single());

        var first = await kv.ReplaceAsync("list/00", 100, cancellationToken: Cancel);
        await kv.ReplaceAsync("list/00", 200, cancellationToken: Cancel);
        await kv.RestoreAsync("list/00", first.Revision, cancellationToken: Cancel);
        var history = await kv.RevisionsAsync<int>("list/00", cancellationToken: Cancel).ToListAsync(Cancel);
        Assert.Equal([100, 200, 100, 0], history.Select(change => change.Value));
    }

    [Fact]
    public async Task A_watch_returns_every_change_once_although_its_connections_are_cut()
    {
        using var cuts = new CutConnections();
        var (name, kv) = await SignUpAsync();
        using var writer = kv;
        using var watcher = NewClient(KvCredentials.Password(name, Account.Password), cuts);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        watching.CancelAfter(TimeSpan.FromMinutes(1)); // a change that is lost must end the test, not keep it

        // The connection is cut in the middle of each ten changes. The next ten follow once these were seen.
        const int Changes = 40, Burst = 10;
        var seen = new List<int>();
        var writing = WriteAsync(from: 0);
        await foreach (var change in watcher.WatchAsync<int>("w/", after: 0, cancellationToken: watching.Token))
        {
            seen.Add(change.Value);
            if (seen.Count % Burst == Burst / 2)
                cuts.CutAll();
            if (seen.Count % Burst > 0)
                continue;

            await writing;
            if (seen.Count >= Changes)
                break;

            writing = WriteAsync(seen.Count);
        }

        Assert.Equal(Enumerable.Range(0, Changes), seen);
        Assert.True(cuts.Count >= Changes / Burst, $"{cuts.Count} connections were cut.");

        async Task WriteAsync(int from)
        {
            for (var i = from; i < from + Burst; i++)
                await writer.SetAsync("w/0", i, cancellationToken: watching.Token);
        }
    }

    [Fact]
    public async Task A_refused_token_is_renewed_once_for_all_concurrent_calls()
    {
        var (name, kv) = await SignUpAsync();
        using var owner = kv;
        using var counted = new CountedSignIns();
        using var client = NewClient(KvCredentials.Password(name, Account.Password), counted);
        await client.UsageAsync(Cancel);
        var session = (await client.SessionsAsync(Cancel)).Single(session => session.Current);
        await owner.EndSessionAsync(session.SessionId, Cancel);
        await Task.Delay(TimeSpan.FromSeconds(3), Cancel); // until the gateway knows

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.UsageAsync(Cancel)));

        Assert.Equal(3, counted.Count); // one to begin with; then the refresh, which fails, and the password
    }

    [Fact]
    public async Task The_client_manages_an_account_and_its_API_keys()
    {
        using var kv = await NewUserAsync();
        Assert.Equal("Jane Doe", (await kv.ChangeAccountAsync(new() { FullName = "Jane Doe" }, Cancel)).FullName);
        var key = await kv.CreateApiKeyAsync(new("ci", ["kv:read"], "builds/"), Cancel);
        Assert.Equal(key.Id, (await kv.ApiKeysAsync(Cancel)).Single().Id);

        using var machine = NewClient(KvCredentials.ApiKey(key.Key!));
        Assert.Null(await machine.GetAsync<int>("builds/1", cancellationToken: Cancel));
        await Assert.ThrowsAsync<KvInsufficientScopeException>(() => machine.CreateAsync("builds/1", 1, cancellationToken: Cancel));

        await kv.RevokeApiKeyAsync(key.Id, Cancel);
        using var export = new MemoryStream();
        await kv.ExportAsync(export, Cancel);
        Assert.True(export.Length > 0);
        await kv.SignOutAsync(Cancel);
    }

    private KvClient NewClient(KvCredentials credentials, HttpMessageHandler? handler = null) =>
        new(system.App.GetEndpoint("gateway", "http"), credentials, new() { RetryDelay = TimeSpan.FromMilliseconds(20) },
            handler ?? new DescribedAnswers(new SocketsHttpHandler()));

    private async Task<KvClient> NewUserAsync() => (await SignUpAsync()).Client;

    private async Task<(string Name, KvClient Client)> SignUpAsync()
    {
        var name = $"user_{Guid.NewGuid():N}";
        using var nobody = NewClient(KvCredentials.None);
        await nobody.RegisterAsync(new(name, $"{name}@example.com", Account.Password, "John Doe"), Cancel);
        return (name, NewClient(KvCredentials.Password(name, Account.Password)));
    }

    private static JsonElement Json(string text) => JsonElement.Parse(text);

    /// <summary>Counts requests for tokens.</summary>
    private sealed class CountedSignIns() : DelegatingHandler(new SocketsHttpHandler())
    {
        private int count;

        public int Count => count;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath == "/api/token")
                Interlocked.Increment(ref count);
            return base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>
    /// Cuts the connections of requests. Disposing of an unread response would not: the client drains it to reuse the connection.
    /// </summary>
    private sealed class CutConnections : DelegatingHandler
    {
        private readonly ConcurrentBag<Socket> open = [];

        public CutConnections() => InnerHandler = new SocketsHttpHandler { ConnectCallback = ConnectAsync };

        public int Count { get; private set; }

        public void CutAll()
        {
            while (open.TryTake(out var socket))
            {
                socket.Close(0);
                Count++;
            }
        }

        private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            open.Add(socket);
            return new NetworkStream(socket, ownsSocket: true);
        }
    }
}

/// <summary>A value.</summary>
public sealed record Person(string Name, int Age);

/// <summary>A value with a base type.</summary>
public record Named(string Name);

/// <summary>A value with a field.</summary>
internal sealed record Employee(string Name, string Job) : Named(Name)
{
    /// <summary>A field.</summary>
    public int Room;
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Person))]
internal sealed partial class Names : JsonSerializerContext;

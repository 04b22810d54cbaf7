using System.Diagnostics;
using System.Globalization;
using System.Net;
using KvAspire.Data.Changes.Watch;
using KvAspire.TestKit;
using KvAspire.TokenChecking;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Watches: each committed change comes once, in order, even if the stream breaks.</summary>
public sealed class WatchTests(World world)
{
    private readonly User user = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_starts_now_and_tells_its_position()
    {
        var before = await CommitAsync(("old", "1"));
        using var stream = await EventReader.OpenAsync(user);
        Assert.Equal($"{before}", stream.LastId);

        var put = await CommitAsync(("k\"é", """{"b": 1.50}"""));
        Assert.Equal(new StreamedEvent($"{put}", "put", $$$"""{"key":"k\"é","revision":{{{put}}},"value":{"b": 1.50}}"""), await stream.ReadAsync());

        var deletion = await CommitAsync(("k\"é", null));
        Assert.Equal(new StreamedEvent($"{deletion}", "delete", $$"""{"key":"k\"é","revision":{{deletion}}}"""), await stream.ReadAsync());
    }

    [Fact]
    public async Task Line_breaks_in_a_value_stay_line_breaks()
    {
        using var stream = await EventReader.OpenAsync(user);
        var revision = await CommitAsync(("k", "{\n \"a\":\r\n 1}"));

        Assert.Equal($$"""{"key":"k","revision":{{revision}},"value":{""" + "\n \"a\":\n 1}}", (await stream.ReadAsync())!.Data);
    }

    [Fact]
    public async Task A_client_resumes_after_the_last_change_that_it_has_seen()
    {
        var first = await CommitAsync(("a", "1"));
        await CommitAsync(("b", "1"), ("c", "1"));
        await CommitAsync(("d", null));

        using (var stream = await EventReader.OpenAsync(user, $"after={first}"))
            Assert.Equal(["b", "c", "d"], Keys(await stream.ReadAsync(3)));
        using (var stream = await EventReader.OpenAsync(world.SecondReplica.As(user.Subject), "after=0"))
            Assert.Equal(["a", "b", "c", "d"], Keys(await stream.ReadAsync(4)));
        using (var stream = await EventReader.OpenAsync(user, "after=0", lastEventId: $"{first}"))
            Assert.Equal(["b", "c", "d"], Keys(await stream.ReadAsync(3)));
    }

    [Fact]
    public async Task A_prefix_selects_changes_and_the_position_moves_past_all_others()
    {
        using var stream = await EventReader.OpenAsync(user, "prefix=a/");
        await CommitAsync(("a", "1"), ("a/b", "1"), ("a0", "1"), ("b", "1"), ("a/c", null));
        Assert.Equal(["a/b", "a/c"], Keys(await stream.ReadAsync(2)));

        var last = await CommitAsync([.. Enumerable.Range(0, 1_000).Select(i => ($"b/{i}", (string?)"1"))]);
        await stream.UntilAsync($"{last}");
    }

    [Fact]
    public async Task A_token_with_a_prefix_watches_only_its_keys()
    {
        var token = world.Issuer.Describe(user.Subject);
        token.Claims["kv_prefix"] = "mine/";
        using var stream = await EventReader.OpenAsync(world.Data.WithToken(TestIssuer.Sign(token)), "prefix=m");
        await CommitAsync(("m", "1"), ("mine/a", "1"), ("mine0", "1"), ("mine/b", "1"));

        Assert.Equal(["mine/a", "mine/b"], Keys(await stream.ReadAsync(2)));
    }

    [Fact]
    public async Task Changes_of_other_owners_are_not_seen()
    {
        using var stream = await EventReader.OpenAsync(user);
        await ChangeWriter.CommitAsync(world.Database, world.Data.NewUser().Subject, ("theirs", "1"));
        await CommitAsync(("mine", "1"));

        Assert.Equal(["mine"], Keys(await stream.ReadAsync(1)));
    }

    [Fact]
    public async Task News_of_one_replica_reach_the_watchers_of_the_other_at_once()
    {
        using var here = await EventReader.OpenAsync(user);
        using var there = await EventReader.OpenAsync(world.SecondReplica.As(user.Subject));
        var news = world.Data.Services.GetRequiredService<ChangeNews>();
        var fastest = TimeSpan.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var revision = await CommitAsync(("k", $"{i}"));
            var clock = Stopwatch.StartNew();
            news.Committed(user.Subject, revision);
            Assert.NotNull(await here.ReadAsync());
            Assert.NotNull(await there.ReadAsync());
            fastest = clock.Elapsed < fastest ? clock.Elapsed : fastest;
        }

        Assert.InRange(fastest, TimeSpan.Zero, TimeSpan.FromSeconds(0.5)); // the poll alone would take about a second
    }

    [Fact]
    public async Task A_change_that_commits_late_is_not_skipped()
    {
        using var stream = await EventReader.OpenAsync(user);

        // It has drawn its revision, and its lock keeps others from drawing theirs until it has committed.
        await using var slow = await ChangeWriter.BeginAsync(world.Database, user.Subject);
        var early = await slow.ChangeAsync("slow", "1");
        var others = Task.WhenAll(Enumerable.Range(0, 4).Select(i => CommitAsync(($"fast-{i}", "1"))));
        await Task.Delay(TimeSpan.FromSeconds(1.5), Cancelled);
        Assert.False(others.IsCompleted);
        await slow.CommitAsync();
        await others;

        var events = await stream.ReadAsync(5);
        Assert.Equal($"{early}", events[0].Id);
        Assert.Equal(events.Select(next => next.Id), events.Select(next => next.Id).Order(Revisions));
    }

    [Fact]
    public async Task Without_the_lock_of_the_writers_a_late_commit_would_be_skipped()
    {
        using var stream = await EventReader.OpenAsync(user);
        await using var slow = await ChangeWriter.BeginAsync(world.Database, user.Subject, locks: false);
        await slow.ChangeAsync("slow", "1");
        await using (var fast = await ChangeWriter.BeginAsync(world.Database, user.Subject, locks: false))
        {
            await fast.ChangeAsync("fast", "1");
            await fast.CommitAsync();
        }

        Assert.Equal("fast", Keys(await stream.ReadAsync(1)).Single());
        await slow.CommitAsync();
        await CommitAsync(("last", "1"));
        Assert.Equal("last", Keys(await stream.ReadAsync(1)).Single()); // "slow" is lost, which the lock prevents
    }

    [Theory]
    [InlineData("after=x")]
    [InlineData("after=-1")]
    [InlineData("after=1&after=2")]
    [InlineData("after=99999999999999999999")]
    [InlineData("after=9223372036854775807")]
    public async Task An_impossible_position_is_refused(string query) => await Envelope.AssertErrorAsync(
        await user.WatchAsync(query), 400, "INVALID_CURSOR",
        "The provided cursor is not valid. It must be one that this very query answered.", Cancelled);

    [Fact]
    public async Task Compacted_changes_answer_410_and_end_a_stream_that_has_not_passed_them()
    {
        var first = await CommitAsync(("a", "1"));
        var second = await CommitAsync(("b", "1"));
        await CommitAsync(("c", "1"));
        await CompactAsync(second);

        await Envelope.AssertErrorAsync(await user.WatchAsync($"after={first}"), 410, "REVISION_COMPACTED",
            "The history no longer reaches back to the provided revision. List the keys anew, then go on from now.", Cancelled);
        await Envelope.AssertErrorAsync(await user.WatchAsync("after=0"), 410, "REVISION_COMPACTED",
            "The history no longer reaches back to the provided revision. List the keys anew, then go on from now.", Cancelled);
        using var stream = await EventReader.OpenAsync(user, $"after={second}");
        Assert.Equal(["c"], Keys(await stream.ReadAsync(1)));

        // The stream has missed changes that were compacted right after their commit.
        await using var writer = await ChangeWriter.BeginAsync(world.Database, user.Subject);
        var gone = await writer.ChangeAsync("d", "1");
        await writer.CommitAsync();
        Assert.NotNull(await stream.ReadAsync());
        await world.ExecuteAsync(
            $"UPDATE owners SET compacted_revision = {gone + 10}, last_revision = {gone + 20} WHERE owner = '{user.Subject}'");
        Assert.Null(await stream.ReadAsync());
    }

    [Fact]
    public async Task The_number_of_watches_is_limited_and_a_closed_one_makes_room()
    {
        var streams = new List<EventReader>();
        for (var i = 0; i < new WatchOptions().MaxPerOwner; i++)
            streams.Add(await EventReader.OpenAsync(user));
        await Envelope.AssertErrorAsync(await user.WatchAsync(), 429, "RATE_LIMITED",
            "Too many watches are open. Please close one, or try again later.", Cancelled);
        using var others = await EventReader.OpenAsync(world.Data.NewUser());

        streams[0].Dispose();
        var clock = Stopwatch.StartNew();
        while ((await user.WatchAsync()).StatusCode != HttpStatusCode.OK)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), "the place is not given back");
            await Task.Delay(100, Cancelled);
        }

        streams.ForEach(stream => stream.Dispose());
    }

    [Fact]
    public async Task A_stream_ends_with_its_token()
    {
        var token = world.Issuer.Describe(user.Subject);
        token.Expires = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(3);
        using var stream = await EventReader.OpenAsync(world.Data.WithToken(TestIssuer.Sign(token)));
        var clock = Stopwatch.StartNew();

        Assert.Null(await stream.ReadAsync());
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task A_stream_ends_when_its_session_is_revoked()
    {
        var token = world.Issuer.Describe(user.Subject);
        token.Claims["sid"] = user.Subject;
        using var revoked = await EventReader.OpenAsync(world.Data.WithToken(TestIssuer.Sign(token)));
        using var other = await EventReader.OpenAsync(user);
        var clock = Stopwatch.StartNew();
        world.Data.Services.GetRequiredService<RevocationList>().Add(
            new Revocation(RevocationKinds.Session, user.Subject, Before: 0, TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds()));

        Assert.Null(await revoked.ReadAsync());
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        await CommitAsync(("k", "1"));
        Assert.NotNull(await other.ReadAsync());
    }

    private static Comparer<string?> Revisions => Comparer<string?>.Create(
        (one, other) => long.Parse(one!, CultureInfo.InvariantCulture).CompareTo(long.Parse(other!, CultureInfo.InvariantCulture)));

    private static IEnumerable<string> Keys(IEnumerable<StreamedEvent> events) => events.Select(next =>
    {
        using var data = System.Text.Json.JsonDocument.Parse(next.Data);
        return data.RootElement.GetProperty("key").GetString()!;
    });

    private Task<long> CommitAsync(params (string Key, string? Value)[] changes) => ChangeWriter.CommitAsync(world.Database, user.Subject, changes);

    private Task CompactAsync(long revision) => world.ExecuteAsync(
        $"DELETE FROM changes WHERE owner = '{user.Subject}' AND revision <= {revision}; UPDATE owners SET compacted_revision = {revision} WHERE owner = '{user.Subject}'");
}

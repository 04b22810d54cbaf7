using System.Text;
using KvAspire.Data.Entries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>What may enter the cache: what a reader fills under a lease, and what replaces something older.</summary>
public sealed class CompareAndSetTests(World world)
{
    private readonly EntryCache cache = world.Data.Services.GetRequiredService<EntryCache>();
    private readonly EntryId id = new(Guid.NewGuid().ToString("N"), "k");

    [Theory]
    [InlineData(1, 2)]
    [InlineData(9, 10)]
    [InlineData(99, 100)]
    [InlineData(int.MaxValue, int.MaxValue + 1L)]
    [InlineData(9_007_199_254_740_992, 9_007_199_254_740_993)] // where a double cannot tell them apart
    [InlineData(long.MaxValue - 1, long.MaxValue)]
    public async Task A_newer_image_replaces_an_older_one_and_never_the_other_way_round(long older, long newer)
    {
        await FillAsync(Live(older));
        Assert.Equal(CacheOutcome.Stored, await cache.SetAsync(id, Live(newer)));
        Assert.Equal(CacheOutcome.Superseded, await cache.SetAsync(id, Live(older)));
        Assert.Equal(CacheOutcome.Superseded, await cache.SetAsync(id, Live(newer)));
        await AssertHoldsAsync(newer);
    }

    [Fact]
    public async Task Where_nothing_is_known_a_writer_sets_nothing()
    {
        Assert.Equal(CacheOutcome.Superseded, await cache.SetAsync(id, Live(1)));
        Assert.True((await cache.ReadAsync(id)).Entry.IsMissing);
    }

    [Fact]
    public async Task A_writer_ends_the_lease_of_a_reader_who_may_have_read_something_older()
    {
        var (_, lease) = await cache.LeaseAsync(id);
        await cache.SetAsync(id, Live(2));
        Assert.Equal(CacheOutcome.Superseded, await cache.FillAsync(id, Live(1), lease));
        Assert.True((await cache.ReadAsync(id)).Entry.IsMissing);
    }

    [Fact]
    public async Task A_lease_that_was_forgotten_fills_nothing()
    {
        var (_, lease) = await cache.LeaseAsync(id);
        await using var redis = await RedisServer.ConnectAsync(world.Cache);
        await redis.EvictAsync(new(new HttpClient(), "", null, id.Owner));
        Assert.Equal(CacheOutcome.Superseded, await cache.FillAsync(id, Live(1), lease));
        Assert.True((await cache.ReadAsync(id)).Entry.IsMissing);
    }

    [Fact]
    public async Task Of_two_readers_one_has_the_lease()
    {
        var (_, lease) = await cache.LeaseAsync(id);
        var (found, second) = await cache.LeaseAsync(id);
        Assert.Null(second);
        Assert.Equal(CacheOutcome.Miss, found.Outcome);

        Assert.Equal(CacheOutcome.Stored, await cache.FillAsync(id, Live(1), lease));
        Assert.Equal(CacheOutcome.Hit, (await cache.LeaseAsync(id)).Found.Outcome);
    }

    [Fact]
    public async Task A_deleted_value_does_not_come_back()
    {
        await FillAsync(Live(1));
        Assert.Equal(CacheOutcome.Stored, await cache.SetAsync(id, EntryImage.Tombstone(2)));
        Assert.Equal(CacheOutcome.Superseded, await cache.SetAsync(id, Live(1)));
        Assert.True((await cache.ReadAsync(id)).Entry.IsTombstone);
    }

    [Fact]
    public async Task That_there_was_nothing_yields_to_what_is_created()
    {
        await FillAsync(EntryImage.Absent(7));
        Assert.Equal(CacheOutcome.Hit, (await cache.ReadAsync(id)).Outcome);
        Assert.Equal(CacheOutcome.Stored, await cache.SetAsync(id, Live(8)));
        await AssertHoldsAsync(8);
    }

    [Fact]
    public async Task A_marker_ends_an_older_value_and_yields_to_that_of_its_own_revision()
    {
        await FillAsync(Live(1));
        Assert.Equal(CacheOutcome.Stored, await cache.SetAsync(id, EntryImage.Marker(2)));
        Assert.Equal(CacheOutcome.Miss, (await cache.ReadAsync(id)).Outcome);
        Assert.Equal(CacheOutcome.Superseded, await cache.SetAsync(id, Live(1)));
        Assert.Equal(CacheOutcome.Stored, await cache.SetAsync(id, Live(2)));
        Assert.Equal(CacheOutcome.Superseded, await cache.SetAsync(id, EntryImage.Marker(2)));
        await AssertHoldsAsync(2);
    }

    [Fact]
    public async Task What_a_transaction_hides_is_neither_served_nor_filled_until_it_ends()
    {
        await FillAsync(Live(1));
        var veil = await cache.VeilAsync([id]);
        Assert.Equal(CacheOutcome.Miss, (await cache.ReadAsync(id)).Outcome);
        Assert.Null((await cache.LeaseAsync(id)).Lease);
        Assert.Equal(CacheOutcome.Superseded, await cache.SetAsync(id, Live(2)));
        Assert.Equal(CacheOutcome.Miss, (await cache.ReadAsync(id)).Outcome);

        await cache.RevealAsync([(id, Live(3))], veil);
        await FillAsync(Live(3));
        await AssertHoldsAsync(3);
    }

    [Fact]
    public async Task Of_many_concurrent_sets_the_newest_stays()
    {
        await FillAsync(Live(1));
        var revisions = Enumerable.Range(2, 200).Select(i => (long)i).ToArray();
        Random.Shared.Shuffle(revisions);

        await Task.WhenAll(revisions.Select(revision => cache.SetAsync(id, Live(revision)).AsTask()));
        await AssertHoldsAsync(201);
    }

    private EntryImage Live(long revision) => EntryImage.Live(id.Key, revision, new(Encoding.UTF8.GetBytes($"{revision}")));

    private async Task FillAsync(EntryImage image)
    {
        var (_, lease) = await cache.LeaseAsync(id);
        Assert.NotNull(lease);
        Assert.Equal(CacheOutcome.Stored, await cache.FillAsync(id, image, lease));
    }

    private async Task AssertHoldsAsync(long revision)
    {
        var read = await cache.ReadAsync(id);
        Assert.Equal(CacheOutcome.Hit, read.Outcome);
        Assert.Equal(revision, read.Entry.Revision);
        Assert.Equal(User.Found("k", $"{revision}"), Encoding.UTF8.GetString(read.Entry.Body.Span));
    }
}

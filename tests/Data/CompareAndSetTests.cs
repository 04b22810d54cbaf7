using System.Text;
using KvAspire.Data.Entries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>In whatever order images reach Redis, the newest stays.</summary>
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
    public async Task A_slow_reader_cannot_put_an_old_value_over_a_newer_one(long older, long newer)
    {
        Assert.Equal(CacheOutcome.Stored, await cache.SetAsync(id, Live(newer)));
        Assert.Equal(CacheOutcome.Superseded, await cache.SetAsync(id, Live(older)));
        await AssertHoldsAsync(newer);
    }

    [Fact]
    public async Task A_slow_reader_cannot_bring_a_deleted_value_back()
    {
        Assert.Equal(CacheOutcome.Stored, await cache.SetAsync(id, Live(1)));
        Assert.Equal(CacheOutcome.Stored, await cache.SetAsync(id, EntryImage.Tombstone(2)));
        Assert.Equal(CacheOutcome.Superseded, await cache.SetAsync(id, Live(1)));

        var read = await cache.ReadAsync(id);
        Assert.Equal(CacheOutcome.Hit, read.Outcome);
        Assert.True(read.Entry.IsTombstone);
    }

    [Fact]
    public async Task A_key_that_is_created_anew_replaces_its_tombstone()
    {
        await cache.SetAsync(id, EntryImage.Tombstone(2));
        Assert.Equal(CacheOutcome.Stored, await cache.SetAsync(id, Live(3)));
        await AssertHoldsAsync(3);
    }

    [Fact]
    public async Task A_marker_ends_an_older_value_and_yields_to_that_of_its_own_revision()
    {
        await cache.SetAsync(id, Live(1));
        Assert.Equal(CacheOutcome.Stored, await cache.SetAsync(id, EntryImage.Marker(2)));
        Assert.Equal(CacheOutcome.Miss, (await cache.ReadAsync(id)).Outcome);
        Assert.Equal(CacheOutcome.Superseded, await cache.SetAsync(id, Live(1)));
        Assert.Equal(CacheOutcome.Stored, await cache.SetAsync(id, Live(2)));
        Assert.Equal(CacheOutcome.Superseded, await cache.SetAsync(id, EntryImage.Marker(2)));
        await AssertHoldsAsync(2);
    }

    [Fact]
    public async Task Setting_the_same_image_again_does_not_prolong_its_life()
    {
        Assert.Equal(CacheOutcome.Stored, await cache.SetAsync(id, Live(1)));
        Assert.Equal(CacheOutcome.Superseded, await cache.SetAsync(id, Live(1)));
    }

    [Fact]
    public async Task Of_many_concurrent_sets_the_newest_stays()
    {
        var revisions = Enumerable.Range(1, 200).Select(i => (long)i).ToArray();
        Random.Shared.Shuffle(revisions);

        await Task.WhenAll(revisions.Select(revision => cache.SetAsync(id, Live(revision)).AsTask()));
        await AssertHoldsAsync(200);
    }

    private EntryImage Live(long revision) => EntryImage.Live(id.Key, revision, Encoding.UTF8.GetBytes($"{revision}"));

    private async Task AssertHoldsAsync(long revision)
    {
        var read = await cache.ReadAsync(id);
        Assert.Equal(CacheOutcome.Hit, read.Outcome);
        Assert.Equal(revision, read.Entry.Revision);
        Assert.Equal(User.Found("k", $"{revision}"), Encoding.UTF8.GetString(read.Entry.Body.Span));
    }
}

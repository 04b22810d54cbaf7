using System.Text;
using KvAspire.Data.Cache;
using KvAspire.Data.Entries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>What may enter the cache: the image that a reader fills under a lease, and the image of the last writer.</summary>
public sealed class CompareAndSetTests(World world)
{
    private readonly EntryCache cache = world.Data.Services.GetRequiredService<EntryCache>();
    private readonly EntryCache other = world.SecondReplica.Services.GetRequiredService<EntryCache>();
    private readonly EntryId id = new(Guid.NewGuid().ToString("N"), "k");

    [Fact]
    public async Task A_veiled_entry_is_neither_served_nor_filled()
    {
        await FillAsync(Live(1));
        var veil = await cache.VeilAsync([id]);
        await AssertHiddenAsync();
        await cache.FillAsync(id, Live(2), lease: null);
        await AssertHiddenAsync();

        await cache.LiftAsync(veil, [Live(2)]);
        await AssertHoldsAsync(2);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(9, 10)]
    [InlineData(99, 100)]
    [InlineData(int.MaxValue, int.MaxValue + 1L)]
    [InlineData(9_007_199_254_740_992, 9_007_199_254_740_993)] // a double cannot tell them apart
    [InlineData(long.MaxValue - 2, long.MaxValue - 1)]
    public async Task Of_two_concurrent_writers_the_last_leaves_its_value_if_it_is_newer(long older, long newer)
    {
        foreach (var newerIsLast in new[] { true, false })
        {
            var (first, second) = newerIsLast ? (older, newer) : (newer, older);
            await FillAsync(Live(0));
            var (one, two) = (await cache.VeilAsync([id]), await other.VeilAsync([id]));
            await cache.LiftAsync(one, [Live(first)]);
            await AssertHiddenAsync();
            await other.LiftAsync(two, [Live(second)]);
            if (newerIsLast)
                await AssertHoldsAsync(newer);
            else
                await AssertNothingAsync();
            await ForgetAsync();
        }
    }

    [Fact]
    public async Task A_writer_that_veils_later_and_commits_earlier_leaves_no_image()
    {
        var (one, two) = (await cache.VeilAsync([id]), await other.VeilAsync([id]));
        await cache.LiftAsync(one, [Live(3)]);
        var three = await cache.VeilAsync([id]);
        await cache.LiftAsync(three, [Live(4)]);
        await AssertHiddenAsync();
        await other.LiftAsync(two, [Live(2)]);
        await AssertNothingAsync();
    }

    [Fact]
    public async Task A_writer_that_changed_nothing_leaves_no_image_but_its_revision_counts()
    {
        await FillAsync(Live(5));
        await cache.LiftAsync(await cache.VeilAsync([id]), [EntryImage.Marker(5)]);
        await AssertNothingAsync();

        var (one, two) = (await cache.VeilAsync([id]), await other.VeilAsync([id]));
        await cache.LiftAsync(one, [EntryImage.Marker(7)]);
        await other.LiftAsync(two, [Live(6)]);
        await AssertNothingAsync();
    }

    [Fact]
    public async Task A_veil_keeps_the_revision_that_it_hides()
    {
        await FillAsync(Live(5));
        await cache.LiftAsync(await cache.VeilAsync([id]), [Live(4)]);
        await AssertNothingAsync();
    }

    [Fact]
    public async Task The_revision_that_a_reader_finds_behind_a_veil_counts()
    {
        var veil = await cache.VeilAsync([id]);
        await other.FillAsync(id, Live(9), lease: null);
        await cache.LiftAsync(veil, [Live(8)]);
        await AssertNothingAsync();

        veil = await cache.VeilAsync([id]);
        await other.FillAsync(id, Live(8), lease: null);
        await cache.LiftAsync(veil, [Live(8)]);
        await AssertHoldsAsync(8);
    }

    [Fact]
    public async Task Veiling_again_is_the_same_as_veiling_once()
    {
        var veil = await cache.VeilAsync([id]);
        await cache.RenewAsync(veil);
        await cache.LiftAsync(veil, [Live(1)]);
        await AssertHoldsAsync(1);
    }

    [Fact]
    public async Task After_a_writer_dies_concurrent_writers_set_no_image()
    {
        await using var redis = await RedisServer.ConnectAsync(world.Cache);
        var (dead, writer) = (await other.VeilAsync([id]), await cache.VeilAsync([id]));
        await redis.AgeAsync(id.Owner, dead.Token, TimeSpan.FromSeconds(11));
        await cache.LiftAsync(writer, [Live(2)]);
        await AssertNothingAsync();

        (dead, writer) = (await other.VeilAsync([id]), await cache.VeilAsync([id]));
        await redis.AgeAsync(id.Owner, dead.Token, TimeSpan.FromSeconds(11));
        var next = await other.VeilAsync([id]); // drops the token of the dead writer, but not that there was one
        await other.LiftAsync(next, [EntryImage.Marker(0)]);
        await cache.LiftAsync(writer, [Live(3)]);
        await AssertNothingAsync();

        await cache.LiftAsync(await cache.VeilAsync([id]), [Live(4)]);
        await AssertHoldsAsync(4);
    }

    [Fact]
    public async Task A_veil_that_is_never_lifted_expires()
    {
        await using var redis = await RedisServer.ConnectAsync(world.Cache);
        var (dead, writer) = (await other.VeilAsync([id]), await cache.VeilAsync([id]));
        await cache.LiftAsync(writer, [Live(1)]);
        var left = Assert.Single(await redis.TimesToLiveAsync(id.Owner));
        Assert.InRange(left!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(10));

        // A late writer sets no image after the veil has expired.
        await ForgetAsync();
        await other.LiftAsync(dead, [Live(2)]);
        await AssertNothingAsync();
    }

    [Fact]
    public async Task A_writer_that_lost_its_veil_sets_no_image_and_removes_older_ones()
    {
        foreach (var (present, isLeft) in new[] { (2L, false), (3L, true), (4L, true) })
        {
            var veil = await cache.VeilAsync([id]);
            await ForgetAsync();
            await FillAsync(Live(present));
            await cache.LiftAsync(veil, [Live(3)]);
            if (isLeft)
                await AssertHoldsAsync(present);
            else
                await AssertNothingAsync();
            await ForgetAsync();
        }
    }

    [Fact]
    public async Task A_writer_that_lost_its_veil_ends_the_lease_of_a_reader()
    {
        var veil = await cache.VeilAsync([id]);
        await ForgetAsync();
        var (_, lease) = await other.LeaseAsync(id);
        await cache.LiftAsync(veil, [Live(2)]);
        Assert.Equal(CacheOutcome.Superseded, await other.FillAsync(id, Live(1), lease));
        await AssertNothingAsync();
    }

    [Fact]
    public async Task A_writer_that_lost_its_veil_tells_its_revision_to_later_veils()
    {
        var veil = await cache.VeilAsync([id]);
        await ForgetAsync();
        var later = await other.VeilAsync([id]);
        await cache.LiftAsync(veil, [Live(3)]);
        await AssertHiddenAsync();
        await other.LiftAsync(later, [Live(2)]);
        await AssertNothingAsync();
    }

    [Fact]
    public async Task A_writer_ends_the_lease_of_a_reader_that_may_have_read_an_older_value()
    {
        var (_, lease) = await cache.LeaseAsync(id);
        var veil = await other.VeilAsync([id]);
        Assert.Equal(CacheOutcome.Superseded, await cache.FillAsync(id, Live(1), lease));
        await other.LiftAsync(veil, [Live(2)]);
        Assert.Equal(CacheOutcome.Superseded, await cache.FillAsync(id, Live(1), lease));
        await AssertHoldsAsync(2);
    }

    [Fact]
    public async Task An_evicted_lease_fills_nothing()
    {
        var (_, lease) = await cache.LeaseAsync(id);
        await ForgetAsync();
        Assert.Equal(CacheOutcome.Superseded, await cache.FillAsync(id, Live(1), lease));
        await AssertNothingAsync();
    }

    [Fact]
    public async Task Of_two_readers_one_has_the_lease()
    {
        var (_, lease) = await cache.LeaseAsync(id);
        var (found, second) = await other.LeaseAsync(id);
        Assert.Null(second);
        Assert.Equal(CacheOutcome.Miss, found.Outcome);

        Assert.Equal(CacheOutcome.Stored, await cache.FillAsync(id, Live(1), lease));
        Assert.Equal(CacheOutcome.Hit, (await other.LeaseAsync(id)).Found.Outcome);
    }

    [Fact]
    public async Task A_reader_past_the_cache_removes_older_images_and_sets_none()
    {
        await cache.FillAsync(id, Live(1), lease: null);
        await AssertNothingAsync();

        await FillAsync(EntryImage.Absent(7));
        foreach (var known in new[] { Live(6), Live(7) })
            await cache.FillAsync(id, known, lease: null);
        Assert.True((await cache.ReadAsync(id)).Entry.IsAbsent);
        await cache.FillAsync(id, Live(8), lease: null);
        await AssertNothingAsync();
    }

    [Fact]
    public async Task Of_many_concurrent_writers_only_the_newest_image_stays()
    {
        for (var round = 0; round < 10; round++)
        {
            var last = 0L;
            await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
            {
                var writer = i % 2 == 0 ? cache : other;
                var veil = await writer.VeilAsync([id]);
                await Task.Delay(Random.Shared.Next(3));
                var revision = Interlocked.Increment(ref last); // the commit
                await Task.Delay(Random.Shared.Next(3));
                await writer.LiftAsync(veil, [Live(revision)]);
            }));

            var found = await cache.ReadAsync(id);
            Assert.True(found.Entry.IsMissing || found.Entry.Revision == 40, $"round {round}");
            await ForgetAsync();
        }
    }

    private EntryImage Live(long revision) => EntryImage.Live(id.Key, revision, new(Encoding.UTF8.GetBytes($"{revision}")));

    private async Task FillAsync(EntryImage image)
    {
        var (_, lease) = await cache.LeaseAsync(id);
        Assert.NotNull(lease);
        Assert.Equal(CacheOutcome.Stored, await cache.FillAsync(id, image, lease));
    }

    private async Task ForgetAsync()
    {
        await using var redis = await RedisServer.ConnectAsync(world.Cache);
        await redis.EvictAsync(id.Owner);
    }

    private async Task AssertHoldsAsync(long revision)
    {
        var found = await other.ReadAsync(id);
        Assert.Equal(CacheOutcome.Hit, found.Outcome);
        Assert.Equal(revision, found.Entry.Revision);
        Assert.Equal(Live(revision).Bytes, found.Entry.Bytes);
    }

    private async Task AssertHiddenAsync()
    {
        foreach (var replica in new[] { cache, other })
        {
            Assert.True((await replica.ReadAsync(id)).Entry.IsOnlyInDatabase);
            Assert.Null((await replica.LeaseAsync(id)).Lease);
        }
    }

    private async Task AssertNothingAsync()
    {
        var found = await cache.ReadAsync(id);
        Assert.Equal(CacheOutcome.Miss, found.Outcome);
        Assert.True(found.Entry.IsMissing);
    }
}

using System.Text;
using KvAspire.Data.Cache;
using KvAspire.Data.Entries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>A batch veils and lifts all its keys in one step, each according to its state.</summary>
public sealed class VeilTests(World world)
{
    private readonly EntryCache cache = world.Data.Services.GetRequiredService<EntryCache>();
    private readonly EntryCache other = world.SecondReplica.Services.GetRequiredService<EntryCache>();
    private readonly string owner = Guid.NewGuid().ToString("N");

    [Theory]
    [InlineData(1)]
    [InlineData(20)] // more keys than one MGET reads
    public async Task Each_of_many_keys_is_veiled_and_lifted_by_its_own_state(int count)
    {
        foreach (var padding in new[] { 10, 5_000 })
        {
            var ids = Enumerable.Range(0, count * 5).Select(i => new EntryId(owner, $"{padding}-{i:D3}")).ToArray();
            for (var i = 0; i < ids.Length; i++)
            {
                var before = i % 5;
                if (before == 1) // a value
                    await cache.FillAsync(ids[i], Padded(ids[i], 5, padding), (await cache.LeaseAsync(ids[i])).Lease);
                else if (before == 2) // a reader
                    await cache.LeaseAsync(ids[i]);
            }

            await other.VeilAsync([.. ids.Where((_, i) => i % 5 == 3)]);
            var veil = await cache.VeilAsync(ids);
            foreach (var entry in ids)
                Assert.True((await other.ReadAsync(entry)).Entry.IsOnlyInDatabase);

            await EvictAsync([.. ids.Where((_, i) => i % 5 == 4).Select(entry => $"{entry.Owner}:{entry.Key}")]);

            await cache.LiftAsync(veil, Array.ConvertAll(ids, entry => Padded(entry, 6, padding)));
            for (var i = 0; i < ids.Length; i++)
            {
                var found = (await other.ReadAsync(ids[i])).Entry;
                if (i % 5 == 3)
                    Assert.True(found.IsOnlyInDatabase, $"{i}: another one is still at it");
                else if (i % 5 == 4)
                    Assert.True(found.IsMissing, $"{i}: its veil was lost");
                else
                    Assert.Equal(Padded(ids[i], 6, padding).Bytes, found.Bytes);
            }

            await EvictAsync(owner);
        }
    }

    [Fact]
    public async Task A_veil_over_many_keys_keeps_the_revision_of_each()
    {
        var ids = Enumerable.Range(0, 50).Select(i => new EntryId(owner, $"k{i}")).ToArray();
        for (var i = 0; i < ids.Length; i++)
            await cache.FillAsync(ids[i], Padded(ids[i], i, 2_000), (await cache.LeaseAsync(ids[i])).Lease);
        await cache.LiftAsync(await cache.VeilAsync(ids), Array.ConvertAll(ids, entry => Padded(entry, 25, 10)));
        for (var i = 0; i < ids.Length; i++)
            Assert.Equal(i > 25, (await other.ReadAsync(ids[i])).Entry.IsMissing);
    }

    private static EntryImage Padded(EntryId entry, long revision, int length) =>
        EntryImage.Live(entry.Key, revision, new(Encoding.UTF8.GetBytes($"\"{new string('x', length)}\"")));

    private async Task EvictAsync(params string[] names)
    {
        await using var redis = await RedisServer.ConnectAsync(world.Cache);
        foreach (var name in names)
            await redis.EvictAsync(name);
    }
}

using System.Globalization;
using KvAspire.Data.Entries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Revisions of a key grow in the order of its changes.</summary>
public sealed class RevisionTests(World world)
{
    private readonly User user = world.Data.NewUser();

    private EntryId Id => new(user.Subject, "k");

    [Fact]
    public async Task Revisions_grow_across_changes_deletion_and_another_creation()
    {
        List<long> revisions = [];
        for (var i = 0; i < 3; i++)
        {
            revisions.Add(Revision(await user.StoreAsync("k", "1")));
            revisions.Add(Revision(await user.PutAsync("/api/data/k", """{"value":1}""")));
            revisions.Add(Revision(await user.GetAsync("/api/data/k")));
            await user.DeleteAsync("/api/data/k");
            revisions.Add((await RowAsync())!.Value.Revision);
        }

        Assert.Equal(revisions.Order(), revisions);
        Assert.Equal(9, revisions.Distinct().Count()); // a read shows the revision of the write before it
    }

    [Fact]
    public async Task Revisions_grow_after_the_tombstone_was_swept()
    {
        await user.StoreAsync("k", "1");
        await user.DeleteAsync("/api/data/k");
        var deleted = (await RowAsync())!.Value.Revision;
        await world.ExecuteAsync($"DELETE FROM entries WHERE owner = '{user.Subject}'"); // as the sweeper will
        Assert.Null(await RowAsync());

        Assert.True(Revision(await user.StoreAsync("k", "2")) > deleted);
    }

    [Fact]
    public async Task Of_concurrent_changes_the_one_with_the_largest_revision_stays()
    {
        await user.StoreAsync("k", "-1");
        var second = world.SecondReplica.As(user.Subject);
        var responses = await Task.WhenAll(Enumerable.Range(0, 64).Select(i =>
            (i % 2 == 0 ? user : second).PutAsync("/api/data/k", $$"""{"value":{{i}}}""")));

        var revisions = responses.Select(Revision).ToArray();
        Assert.Equal(64, revisions.Distinct().Count());
        var last = Array.IndexOf(revisions, revisions.Max());
        foreach (var reader in new[] { user, second, world.WithoutCache.As(user.Subject) })
        {
            var response = await reader.GetAsync("/api/data/k");
            Assert.Equal(revisions[last], Revision(response));
            Assert.Equal(User.Found("k", $"{last}"), await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task No_read_returns_less_than_was_acknowledged_before_it_began()
    {
        var acknowledged = Revision(await user.StoreAsync("k", "0"));
        var done = false;
        var readers = Enumerable.Range(0, 8).Select(async i =>
        {
            var reader = (i % 2 == 0 ? world.Data : world.SecondReplica).As(user.Subject);
            var reads = 0;
            while (!Volatile.Read(ref done) || reads == 0)
            {
                var expected = Volatile.Read(ref acknowledged);
                var seen = Revision(await reader.GetAsync("/api/data/k"));
                Assert.True(seen >= expected, $"read {seen} after {expected} was acknowledged");
                reads++;
            }
        }).ToArray();

        for (var i = 0; i < 200; i++)
        {
            var writer = (i % 2 == 0 ? world.Data : world.SecondReplica).As(user.Subject);
            Volatile.Write(ref acknowledged, Revision(await writer.PutAsync("/api/data/k", $$"""{"value":{{i}}}""")));
        }

        Volatile.Write(ref done, true);
        await Task.WhenAll(readers);
    }

    private static long Revision(HttpResponseMessage response) =>
        long.Parse(response.Headers.ETag!.Tag.Trim('"'), CultureInfo.InvariantCulture);

    private async Task<EntryRow?> RowAsync()
    {
        var row = await world.Data.Services.GetRequiredService<EntryTable>().ReadAsync(Id, TestContext.Current.CancellationToken);
        return row.IsAbsent ? null : row;
    }
}

using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>The keys of another user are not found, neither in Postgres nor in the cache.</summary>
public sealed class IsolationTests(World world)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_Put_and_Delete_return_404_for_another_users_key()
    {
        var (owner, other) = (world.Data.NewUser(), world.Data.NewUser());
        await owner.StoreAsync("k", "\"mine\"");

        await AssertNotFoundAsync(await other.GetAsync("/api/data/k"));
        await AssertNotFoundAsync(await other.PutAsync("/api/data/k", """{"value":"theirs"}"""));
        await AssertNotFoundAsync(await other.DeleteAsync("/api/data/k"));
        await Envelope.AssertBodyAsync(await owner.GetAsync("/api/data/k"), 200, User.Found("k", "\"mine\""), Cancelled);
    }

    [Fact]
    public async Task Users_with_the_same_key_each_have_their_own_value_through_the_cache()
    {
        var users = Enumerable.Range(0, 8).Select(_ => world.Data.NewUser()).ToArray();
        foreach (var (i, user) in users.Index())
        {
            await user.StoreAsync("same", $"{i}");
            await user.GetAsync("/api/data/same");
        }

        for (var round = 0; round < 3; round++)
        {
            foreach (var (i, user) in users.Index())
            {
                var response = await world.SecondReplica.As(user.Subject).GetAsync("/api/data/same");
                await Envelope.AssertBodyAsync(response, 200, User.Found("same", $"{i}"), Cancelled);
            }
        }

        await users[0].DeleteAsync("/api/data/same");
        await AssertNotFoundAsync(await users[0].GetAsync("/api/data/same"));
        await Envelope.AssertBodyAsync(await users[1].GetAsync("/api/data/same"), 200, User.Found("same", "1"), Cancelled);
    }

    [Fact]
    public async Task Owner_and_key_are_never_split_in_another_way()
    {
        var name = Guid.NewGuid().ToString("N");
        (string Owner, string Key)[] entries =
        [
            (name, "a:b"), (name + ":a", "b"), (name + ":", "a:b"), (name + ":a:", "b"), (name + ":a:b", ":"),
            (name, $"{name.Length}:{name}:x"), ($"{name}:{name.Length}:{name}", "x"), (name, "/x"), (name + "/", "x"),
        ];
        foreach (var (i, (owner, key)) in entries.Index())
            await world.Data.As(owner).StoreAsync(key, $"{i}");

        foreach (var (i, (owner, key)) in entries.Index())
        {
            var response = await world.SecondReplica.As(owner).GetAsync($"/api/data?key={Uri.EscapeDataString(key)}");
            await Envelope.AssertBodyAsync(response, 200, User.Found(key, $"{i}"), Cancelled);
        }
    }

    private static async Task AssertNotFoundAsync(HttpResponseMessage response) => await Envelope.AssertErrorAsync(
        response, 404, "KEY_NOT_FOUND", "The provided key does not exist in the database.", Cancelled);
}

using KvAspire.TestKit;
using Npgsql;
using Xunit;

[assembly: TestCollectionOrderer(typeof(LastOfAll))]

namespace KvAspire.Data.Tests;

/// <summary>Runs alone, after all other tests.</summary>
[CollectionDefinition(LastOfAll.Name, DisableParallelization = true)]
public sealed class Afterwards;

[Collection(LastOfAll.Name)]
public sealed class SecrecyTests(World world)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void No_log_or_trace_contains_data_of_any_test() => DataService.Witness.AssertNothingIsBetrayed();

    // At all levels, because operators turn on more than the default to find a fault.
    [Fact]
    public async Task No_log_of_any_level_and_no_trace_contains_a_token_or_a_server_password()
    {
        using var witness = new Witness();
        var subject = $"user-{Guid.NewGuid():N}";
        var token = world.Issuer.Issue(subject);
        witness.Mind(token, token.Split('.')[2], "a-wrong-password");

        // 1. Valid and invalid requests.
        await using (var data = new DataService(world.Database, world.Cache, world.Issuer, intimate: witness))
        {
            await AskEverythingAsync(data.WithToken(token, subject), 200);
            foreach (var kind in ForgedTokens.All)
                Assert.Equal(401, (int)(await data.WithToken(ForgedTokens.Forge(kind, world.Issuer, subject)).GetAsync("/api/data/k")).StatusCode);
            Assert.Equal(403, (int)(await data.As(subject, "kv:read").DeleteAsync("/api/data/k")).StatusCode);
        }

        // 2. A database that refuses the service, and no Redis.
        var refused = new NpgsqlConnectionStringBuilder(World.Roles.Service(world.Database)) { Password = "a-wrong-password" }.ConnectionString;
        await using (var data = new DataService(
            world.Database, "127.0.0.1:1,password=a-wrong-password", world.Issuer, intimate: witness, settings: ("ConnectionStrings:datadb", refused)))
        {
            await AskEverythingAsync(data.WithToken(token, subject), 503);
        }

        Assert.True(witness.Count > 2_000, $"Only {witness.Count} lines were heard.");
        witness.AssertNothingIsBetrayed();
    }

    private static async Task AskEverythingAsync(User user, int expected)
    {
        foreach (var answer in new[]
        {
            await user.PutAsync("/api/data/k?upsert=true", """{"value":1}"""),
            await user.GetAsync("/api/data/k"),
            await user.GetAsync("/api/data"),
            await user.SendAsync(HttpMethod.Post, "/api/bulk", User.Json("""{"operations":[{"op":"put","key":"l","value":2},{"op":"get","key":"k"}]}""")),
            await user.SendAsync(HttpMethod.Post, "/api/txn", User.Json("""{"operations":[{"op":"put","key":"l","value":3}]}""")),
            await user.SendAsync(HttpMethod.Post, "/api/counters/n", User.Json("""{"delta":1}""")),
            await user.GetAsync("/api/revisions?key=k"),
            await user.GetAsync("/api/usage"),
            await user.DeleteAsync("/api/data/k"),
        })
        {
            var body = await answer.Content.ReadAsStringAsync(Cancelled);
            Assert.True((int)answer.StatusCode == expected || (expected, (int)answer.StatusCode) is (200, 201), $"{answer.RequestMessage!.RequestUri}: {(int)answer.StatusCode} {body}");
        }
    }
}

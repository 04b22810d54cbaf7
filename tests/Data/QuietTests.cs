using KvAspire.TestKit;
using Microsoft.Extensions.Logging;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>The log has a line for each refusal, and none for a request that succeeds.</summary>
public sealed class QuietTests(World world)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_that_succeed_leave_no_line()
    {
        using var log = new HeardLog();
        await using var data = new DataService(world.Database, world.Cache, world.Issuer, log: log);
        var user = data.NewUser();
        await AssertAsync(200, user.GetAsync("/api/usage")); // the first token, and the start
        log.Clear();

        await AssertAsync(201, user.PostAsync(User.Entry("k", "1")));
        await AssertAsync(200, user.GetAsync("/api/data/k"));
        await AssertAsync(200, user.GetAsync("/api/data/k"));
        await AssertAsync(200, user.PutAsync("/api/data/k", """{"value":2}"""));
        await AssertAsync(200, user.GetAsync("/api/data?include=value"));
        await AssertAsync(200, user.SendAsync(HttpMethod.Post, "/api/bulk", User.Json("""{"operations":[{"op":"get","key":"k"}]}""")));
        await AssertAsync(200, user.SendAsync(HttpMethod.Post, "/api/txn", User.Json("""{"operations":[{"op":"put","key":"t","value":1}]}""")));
        await AssertAsync(200, user.SendAsync(HttpMethod.Post, "/api/counters/c", User.Json("""{"delta":1}""")));
        await AssertAsync(200, user.GetAsync("/api/revisions?key=k"));
        await AssertAsync(200, user.GetAsync("/api/usage"));
        await AssertAsync(200, user.WatchAsync());
        await AssertAsync(200, user.DeleteAsync("/api/data/k"));
        await AssertAsync(200, data.WithToken(null).GetAsync("/health"));
        await Task.Delay(TimeSpan.FromSeconds(2), Cancelled); // what runs in the background, too

        Assert.Empty(log.Lines.Where(line => line.Level >= LogLevel.Information).Select(line => $"{line.Category}: {line.Text}"));
    }

    [Fact]
    public async Task A_refusal_is_one_line_with_its_route_and_no_key()
    {
        using var log = new HeardLog();
        await using var data = new DataService(world.Database, world.Cache, world.Issuer, log: log);
        var (user, key) = (data.NewUser(), $"key-{Guid.NewGuid():N}");
        await AssertAsync(200, user.GetAsync("/api/usage"));
        log.Clear();

        await AssertAsync(404, user.GetAsync($"/api/data/{key}"));
        await AssertAsync(401, data.WithToken("none").GetAsync($"/api/data/{key}"));

        var lines = log.Lines.Where(line => line.Level >= LogLevel.Information).ToList();
        Assert.All(lines, line => Assert.Equal((LogLevel.Information, "RequestRefused"), (line.Level, line.Id.Name)));
        Assert.Equal(2, lines.Count);
        Assert.Matches(@"^GET /api/data/\{\S*key\} is refused with 404 KEY_NOT_FOUND: as the code says\.$", lines[0].Text);
        Assert.Matches(@"^GET /api/data/\{\S*key\} is refused with 401 INVALID_TOKEN: .*\.$", lines[1].Text);
        Assert.DoesNotContain(lines, line => line.Text.Contains(key, StringComparison.Ordinal) || line.Text.Contains(user.Subject, StringComparison.Ordinal));
    }

    private static async Task AssertAsync(int status, Task<HttpResponseMessage> request)
    {
        using var response = await request;
        Assert.Equal(status, (int)response.StatusCode);
    }
}

using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>What each answer says about caches on its way (RFC 9111).</summary>
public sealed class CacheControlTests(World world)
{
    private readonly User user = world.Data.NewUser();

    [Theory]
    [InlineData("GET", "/api/data/k", 200, "private, no-cache")]
    [InlineData("HEAD", "/api/data/k", 200, "private, no-cache")]
    [InlineData("GET", "/api/data?key=k", 200, "private, no-cache")]
    [InlineData("GET", "/api/data/k", 304, "private, no-cache")]
    [InlineData("GET", "/api/data/k", 412, "no-store")]
    [InlineData("GET", "/api/data/none", 404, "no-store")]
    [InlineData("GET", "/api/data", 200, "private, no-cache")]
    [InlineData("HEAD", "/api/data", 200, "private, no-cache")]
    [InlineData("GET", "/api/data?delimiter=/&include=value", 200, "private, no-cache")]
    [InlineData("GET", "/api/data?limit=0", 400, "no-store")]
    [InlineData("GET", "/api/revisions?key=k", 200, "private, no-cache")]
    [InlineData("GET", "/api/usage", 200, "no-store")]
    [InlineData("HEAD", "/api/usage", 200, "no-store")]
    public async Task Entries_and_lists_may_be_stored_and_revalidated_and_nothing_else(string method, string target, int status, string expected)
    {
        await user.StoreAsync("k", "1");

        (string, string)[] condition = status switch { 304 => [("If-None-Match", "*")], 412 => [("If-Match", "\"0\"")], _ => [] };
        var response = await user.SendAsync(new(method), target, null, condition);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(expected, response.Headers.NonValidated["Cache-Control"].ToString());
    }
}

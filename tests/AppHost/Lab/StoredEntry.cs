using System.Net;
using System.Net.Http.Json;
using Xunit;

namespace KvAspire.AppHost.Tests.Lab;

/// <summary>An entry of a new user, behind the gateway.</summary>
internal sealed class StoredEntry : IDisposable
{
    public const string Path = "/api/data/entry";

    private StoredEntry(HttpClient gateway) => Gateway = gateway;

    /// <summary>A client of the user.</summary>
    public HttpClient Gateway { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<StoredEntry> NewAsync(LabSystem system)
    {
        var entry = new StoredEntry(system.Client("gateway", (await system.RegisterAsync(Cancel)).AccessToken));
        using var stored = await entry.Gateway.PostAsJsonAsync("/api/data", new { key = "entry", value = 1 }, Cancel);
        Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
        return entry;
    }

    public async Task<HttpStatusCode> ReadAsync()
    {
        using var answer = await Gateway.GetAsync(Path, Cancel);
        return answer.StatusCode;
    }

    /// <summary>Reads until an answer has this <c>Cache-Status</c>. Every answer on the way is a success.</summary>
    public Task EventuallyReadFromAsync(string status) => LabSystem.EventuallyAsync(
        async () =>
        {
            using var answer = await Gateway.GetAsync(Path, Cancel);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return answer.Headers.GetValues("Cache-Status").Single().Contains(status, StringComparison.Ordinal);
        },
        $"No read has the cache status {status}.", Cancel);

    public void Dispose() => Gateway.Dispose();
}

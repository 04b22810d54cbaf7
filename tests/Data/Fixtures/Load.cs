using System.Diagnostics;
using Xunit;

namespace KvAspire.Data.Tests.Fixtures;

/// <summary>Clients that constantly store, read, change and delete their own entries, and check every answer.</summary>
internal sealed class Load : IDisposable
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource stop = new(LongestRun);
    private readonly Task<TimeSpan>[] clients;
    private int requests;

    public Load(DataService data, int clients) =>
        this.clients = [.. Enumerable.Range(0, clients).Select(_ => Task.Run(() => RunAsync(data.NewUser())))];

    /// <summary>Waits until a number of requests were answered.</summary>
    public async Task UntilAsync(int requests)
    {
        while (Volatile.Read(ref this.requests) < requests && !clients.Any(client => client.IsCompleted))
            await Task.Delay(20);
    }

    /// <summary>Stops the clients, and fails if one met an unexpected answer.</summary>
    /// <returns>The longest time of a request.</returns>
    public async Task<TimeSpan> StopAsync()
    {
        await stop.CancelAsync();
        return (await Task.WhenAll(clients)).Max();
    }

    public void Dispose() => stop.Dispose();

    private async Task<TimeSpan> RunAsync(User user)
    {
        var slowest = TimeSpan.Zero;
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            await ExpectAsync(201, () => user.PostAsync(User.Entry("k", $"{i}")));
            for (var read = 0; read < 3; read++)
                Assert.Equal(User.Found("k", $"{i}"), await ExpectAsync(200, () => user.GetAsync("/api/data/k")));
            await ExpectAsync(200, () => user.PutAsync("/api/data/k", $$"""{"value":{{-i}}}"""));
            Assert.Equal(User.Found("k", $"{-i}"), await ExpectAsync(200, () => user.GetAsync("/api/data/k")));
            await ExpectAsync(200, () => user.DeleteAsync("/api/data/k"));
            await ExpectAsync(404, () => user.GetAsync("/api/data/k"));
        }

        return slowest;

        async Task<string> ExpectAsync(int status, Func<Task<HttpResponseMessage>> request)
        {
            var began = Stopwatch.GetTimestamp();
            using var response = await request();
            var body = await response.Content.ReadAsStringAsync();
            slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, Stopwatch.GetElapsedTime(began).Ticks));
            Interlocked.Increment(ref requests);
            Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} instead of {status}: {body}");
            return body;
        }
    }
}

using System.Net;
using Aspire.Hosting.Testing;

namespace KvAspire.Hosting.Tests;

public sealed class ReplicaTests
{
    [Fact]
    public async Task Replicas_share_the_public_port_and_one_can_be_stopped_without_the_others()
    {
        var builder = Apps.Builder();
        var echo = builder.AddProject("echo", Apps.EchoProject).WithReplicas(2).WithHttpHealthCheck("/health", endpointName: "http");
        StartOrderTests.Free(echo);
        var client = builder.AddShell("client", "sleep 1000").WaitFor(echo);
        await using var app = await builder.StartAsync();
        await app.StateAsync(client.Resource.Name, "Running"); // It waits for all replicas.

        var url = app.GetEndpoint("echo", "http");
        var ids = await AskAsync(url, "/id", times: 8);
        Assert.Equal(["service.instance.id=echo-1", "service.instance.id=echo-2"], ids.Select(id => id[..^9]).Distinct().Order());
        Assert.Equal(["HTTP/2"], (await AskAsync(app.GetEndpoint("echo", "h2c"), "/protocol", times: 2, HttpVersion.Version20)).Distinct());

        Assert.Equal("'echo-1' has stopped.", (await app.CommandAsync("echo-1", "stop")).Message);
        Assert.Equal(["service.instance.id=echo-2"], (await AskAsync(url, "/id", times: 4)).Select(id => id[..^9]).Distinct());

        Assert.True((await app.CommandAsync("echo-1", "start")).Success);
        await Patience.UntilAsync(() => app.ResourceNotifications.TryGetCurrentState("echo-1", out var e) && e.Snapshot.Ready is not null, "echo-1 is ready");
        Assert.Equal(2, (await AskAsync(url, "/id", times: 8)).Distinct().Count());

        Assert.Equal("'echo-1' has stopped. 'echo-2' has stopped.", (await app.CommandAsync("echo", "stop")).Message);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskAsync(url, "/id", times: 1));
    }

    // A connection for each request: connections are what is balanced.
    private static async Task<List<string>> AskAsync(Uri url, string path, int times, Version? version = null)
    {
        var answers = new List<string>();
        for (var i = 0; i < times; i++)
        {
            using var client = new HttpClient { BaseAddress = url };
            if (version is not null)
                (client.DefaultRequestVersion, client.DefaultVersionPolicy) = (version, HttpVersionPolicy.RequestVersionExact);
            answers.Add(await client.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken));
        }

        return answers;
    }
}

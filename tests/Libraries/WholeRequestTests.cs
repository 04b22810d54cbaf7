using System.Collections.Concurrent;
using System.Net;

namespace KvAspire.Libraries.Tests;

public sealed class WholeRequestTests
{
    private const int Requests = 600, AtOnce = 50;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Unread_bodies_leave_their_shared_connection_intact()
    {
        await using var service = await SmallService.StartAsync(new Dictionary<string, string> { ["Kestrel:EndpointDefaults:Protocols"] = "Http2" });

        ConcurrentBag<HttpStatusCode> statuses = [];
        await Parallel.ForAsync(0, Requests, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancel }, async (_, cancel) =>
        {
            using var request = Post(new LateEnd(TimeSpan.FromMilliseconds(50)));
            using var answer = await service.Client.SendAsync(request, cancel);
            statuses.Add(answer.StatusCode);
        });

        Assert.Equal(Requests, statuses.Count(status => status is HttpStatusCode.UnsupportedMediaType));
    }

    [Fact]
    public async Task A_response_does_not_wait_long_for_a_body_that_never_ends()
    {
        await using var service = await SmallService.StartAsync(new Dictionary<string, string> { ["Kestrel:EndpointDefaults:Protocols"] = "Http2" });
        using var neverEnding = new LateEnd(Timeout.InfiniteTimeSpan);
        using var request = Post(neverEnding);

        // The end of the response follows after a second.
        using var answer = await service.Client.SendAsync(request, Cancel).WaitAsync(TimeSpan.FromSeconds(20), Cancel);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    private static HttpRequestMessage Post(HttpContent body) => new(HttpMethod.Post, "/unread")
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Content = body,
    };

    // The body arrives before the end of the response.
    private sealed class LateEnd(TimeSpan pause) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[100], Cancel);
            await stream.FlushAsync(Cancel);
            await Task.Delay(pause, Cancel);
            await stream.WriteAsync(new byte[100], Cancel);
        }

        protected override bool TryComputeLength(out long length) => (length = 0) > 0;
    }
}

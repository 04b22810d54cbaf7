using System.Collections.Concurrent;
using System.Net;

namespace KvAspire.ServiceDefaults.Tests;

public sealed class WholeRequestTests
{
    private const int Requests = 600, AtOnce = 50;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task However_many_bodies_nobody_reads_the_connection_that_they_share_with_others_is_good()
    {
        await using var service = await SmallService.StartAsync(new Dictionary<string, string> { ["Kestrel:EndpointDefaults:Protocols"] = "Http2" });

        ConcurrentBag<HttpStatusCode> statuses = [];
        await Parallel.ForAsync(0, Requests, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancel }, async (_, cancel) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/unread")
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new LateEnd(),
            };
            using var answer = await service.Client.SendAsync(request, cancel);
            statuses.Add(answer.StatusCode);
        });

        Assert.Equal(Requests, statuses.Count(status => status is HttpStatusCode.UnsupportedMediaType));
    }

    // The answer is there before its end is.
    private sealed class LateEnd : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[100], Cancel);
            await stream.FlushAsync(Cancel);
            await Task.Delay(50, Cancel);
            await stream.WriteAsync(new byte[100], Cancel);
        }

        protected override bool TryComputeLength(out long length) => (length = 0) > 0;
    }
}

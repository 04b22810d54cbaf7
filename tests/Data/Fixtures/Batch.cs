using System.Buffers;
using KvAspire.GatewayProtocol;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests.Fixtures;

/// <summary>Batches like those of a gateway.</summary>
internal sealed class Batch(World world) : IDisposable
{
    private readonly HttpClient gateway = new() { DefaultRequestHeaders = { { TestIssuer.ServiceSecretHeader, TestIssuer.ServiceSecret } } };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Creates a batch of requests, each with its own token.</summary>
    public static byte[] Of<T>(IReadOnlyCollection<(string Token, T Request)> requests, Action<IBufferWriter<byte>, T> write)
    {
        var batch = new ArrayBufferWriter<byte>();
        batch.WriteNumber(requests.Count);
        foreach (var (token, _) in requests)
            batch.WriteText(token);
        batch.WriteNumber(requests.Count);
        foreach (var (index, (_, request)) in requests.Index())
        {
            batch.WriteNumber(index);
            write(batch, request);
        }

        return batch.WrittenMemory.ToArray();
    }

    /// <summary>Makes a token known to the service, and returns it.</summary>
    public async Task<string> KnownAsync(string token)
    {
        await world.Data.WithToken(token).GetAsync("/api/data/none");
        return token;
    }

    /// <summary>Sends a valid batch.</summary>
    /// <returns>The body of the answer.</returns>
    public async Task<byte[]> AskAsync(string path, string contentType, byte[] batch)
    {
        using var response = await SendAsync(path, batch);
        Assert.Equal((200, contentType), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.NotNull(response.Content.Headers.ContentLength);
        return await response.Content.ReadAsByteArrayAsync(Cancelled);
    }

    /// <summary>Sends many mutations of this batch. The service must answer each, or refuse it with a message.</summary>
    public async Task AssertHostileBatchesAreRefusedAsync(string path, byte[] whole, string sentence)
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var bytes = random.Next(2) == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            for (var i = 0; i < random.Next(4) && bytes.Length > 0; i++)
                bytes[random.Next(Math.Min(8, bytes.Length))] = (byte)random.Next(256);

            using var response = await SendAsync(path, bytes);
            if ((int)response.StatusCode != 200) // else the mutation is a valid batch
                await Envelope.AssertErrorAsync(response, 400, "INVALID_REQUEST", sentence, Cancelled);
        }
    }

    public void Dispose() => gateway.Dispose();

    private async Task<HttpResponseMessage> SendAsync(string path, byte[] batch)
    {
        using var content = new ByteArrayContent(batch);
        return await gateway.PostAsync(new Uri(world.Data.Address + path), content, Cancelled);
    }
}

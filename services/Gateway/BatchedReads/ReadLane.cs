using System.Buffers;
using KvAspire.Gateway.Forwarding;
using KvAspire.ServiceDefaults.BatchedReads;
using Yarp.ReverseProxy.Model;

namespace KvAspire.Gateway.BatchedReads;

/// <summary>
/// The reads on their way to one replica. Who comes while none are under way sends at once; whoever comes meanwhile goes
/// with the next batch. So nobody waits without need, and the more there are, the larger the batches.
/// </summary>
internal sealed partial class ReadLane(ClusterState cluster, DestinationState destination, LostReplicas lostReplicas, ILogger<ReadLane> logger)
{
    // Far beyond it there is nothing to gain from the same batch.
    private const int MaxWaiting = 4 * ReadBatch.MaxReads;

    // One batch keeps two processors busy, here and there.
    private static readonly int MaxRunning = Math.Max(1, Environment.ProcessorCount / 2);

    // Redis gets a tenth of that. A replica that takes longer is not the one to ask.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Queue<PendingRead> waiting = new();
    private readonly Uri address = new(new Uri(destination.Model.Config.Address), ReadBatch.Path);
    private int running;

    /// <summary>How much is on its way, to compare.</summary>
    public int Load => (Volatile.Read(ref running) * ReadBatch.MaxReads) + waiting.Count;

    /// <summary>Takes a read along.</summary>
    public Task<ReadAnswer> ReadAsync(PendingRead read)
    {
        lock (gate)
        {
            if (waiting.Count >= MaxWaiting)
                return Task.FromResult<ReadAnswer>(default);

            waiting.Enqueue(read);
            if (running >= MaxRunning)
                return read.Answer;

            running++;
        }

        // Behind what is queued already, so that whoever comes in the same moment comes along; and in nobody's trace.
        ThreadPool.UnsafeQueueUserWorkItem(static lane => _ = lane.RunAsync(), this, preferLocal: false);
        return read.Answer;
    }

    private async Task RunAsync()
    {
        while (Next() is { } batch)
        {
            var answers = await SendAsync(batch);
            for (var i = 0; i < batch.Length; i++)
                batch[i].Complete(i < answers.Count ? answers[i] : default);

            await Task.Yield(); // likewise: those who were answered may come again
        }
    }

    private PendingRead[]? Next()
    {
        lock (gate)
        {
            if (waiting.Count == 0)
            {
                running--;
                return null;
            }

            var batch = new PendingRead[Math.Min(waiting.Count, ReadBatch.MaxReads)];
            for (var i = 0; i < batch.Length; i++)
                batch[i] = waiting.Dequeue();
            return batch;
        }
    }

    // As many answers as came.
    private async Task<IReadOnlyList<ReadAnswer>> SendAsync(PendingRead[] batch)
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience);
            using var request = new HttpRequestMessage(HttpMethod.Post, address)
            {
                Content = new ReadOnlyMemoryContent(BatchOf(batch)),
                Version = cluster.Model.Config.HttpRequest!.Version!,
                VersionPolicy = cluster.Model.Config.HttpRequest!.VersionPolicy!.Value,
            };
            using var response = await cluster.Model.HttpClient.SendAsync(request, patience.Token);
            return ReadAnswers.AreIn(response) ? await ReadAsync(response.Content, batch.Length, patience.Token) : [];
        }
        catch (Exception exception)
        {
            // Whatever it is: requests wait for this, and each is asked for anew in the ordinary way.
            LogNoAnswer(logger, exception.GetType().Name);
            lostReplicas.Lose(cluster, destination);
            return [];
        }
    }

    private static async Task<IReadOnlyList<ReadAnswer>> ReadAsync(HttpContent content, int count, CancellationToken cancellationToken)
    {
        var length = (int)content.Headers.ContentLength!.Value;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            await using var body = await content.ReadAsStreamAsync(cancellationToken);
            await body.ReadExactlyAsync(buffer.AsMemory(0, length), cancellationToken);
            return ReadAnswers.Read(buffer.AsSpan(0, length), count);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static ReadOnlyMemory<byte> BatchOf(PendingRead[] reads)
    {
        // Mostly there is one, or are few.
        var tokens = new List<PendingRead>();
        foreach (var read in reads)
        {
            if (!tokens.Exists(other => other.Identity == read.Identity))
                tokens.Add(read);
        }

        var batch = new ArrayBufferWriter<byte>(2048);
        batch.WriteCount(tokens.Count);
        foreach (var read in tokens)
            batch.WriteText(read.Token);

        batch.WriteCount(reads.Length);
        foreach (var read in reads)
        {
            batch.WriteCount(tokens.FindIndex(other => other.Identity == read.Identity));
            batch.WriteText(read.Key);
        }

        return batch.WrittenMemory;
    }

    [LoggerMessage(2002, LogLevel.Warning, "A batch of reads got no answer ({Reason}): each is asked for in the ordinary way.")]
    private static partial void LogNoAnswer(ILogger logger, string reason);
}

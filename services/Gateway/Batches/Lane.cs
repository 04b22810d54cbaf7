using System.Buffers;
using KvAspire.Gateway.Forwarding;
using KvAspire.ServiceDefaults.Batches;
using Yarp.ReverseProxy.Model;

namespace KvAspire.Gateway.Batches;

/// <summary>
/// The requests of one kind on their way to one replica. Who comes while none are under way goes at once; whoever comes
/// meanwhile goes with the next batch. So nobody waits without need, and the more there are, the larger the batches. Where a batch takes long, nobody waits behind it.
/// </summary>
internal sealed partial class Lane<TAnswer>(BatchKind<TAnswer> kind, ClusterState cluster, DestinationState destination, LostReplicas lostReplicas, ILogger logger)
{
    // Far beyond it there is nothing to gain from the same batch.
    private const int MaxWaiting = 4 * BatchFormat.MaxRequests;

    // Who has not been sent by then goes the ordinary way, perhaps to another replica.
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Queue<PendingRequest<TAnswer>> waiting = new();
    private readonly Uri address = new(new Uri(destination.Model.Config.Address), kind.Path);
    private int running;
    private int stalled;

    /// <summary>How much is on its way, to compare.</summary>
    public int Load => (Volatile.Read(ref running) * BatchFormat.MaxRequests) + waiting.Count;

    /// <summary>Takes a request along.</summary>
    public Task<TAnswer> SendAsync(PendingRequest<TAnswer> request)
    {
        lock (gate)
        {
            if (waiting.Count >= MaxWaiting || stalled > 0)
                return Task.FromResult<TAnswer>(default!);

            waiting.Enqueue(request);
            if (running >= kind.MaxRunning)
                return request.Answer;

            running++;
        }

        // Behind what is queued already, so that whoever comes in the same moment comes along; and in nobody's trace.
        ThreadPool.UnsafeQueueUserWorkItem(static lane => _ = lane.RunAsync(), this, preferLocal: false);
        return request.Answer;
    }

    private async Task RunAsync()
    {
        while (Next() is { } batch)
        {
            var (answers, other) = await SendAsync(batch);
            for (var i = 0; i < batch.Length; i++)
                batch[i].Complete(i < answers.Count ? answers[i] : other);

            await Task.Yield(); // likewise: those who were answered may come again
        }
    }

    private PendingRequest<TAnswer>[]? Next()
    {
        lock (gate)
        {
            if (waiting.Count == 0)
            {
                running--;
                return null;
            }

            var batch = new PendingRequest<TAnswer>[Math.Min(waiting.Count, BatchFormat.MaxRequests)];
            for (var i = 0; i < batch.Length; i++)
                batch[i] = waiting.Dequeue();
            return batch;
        }
    }

    // As many answers as came, and what becomes of the others.
    private async Task<(IReadOnlyList<TAnswer> Answers, TAnswer Other)> SendAsync(PendingRequest<TAnswer>[] batch)
    {
        try
        {
            using var stall = new StallWatch(this);
            using var patience = new CancellationTokenSource(kind.Patience);
            using var request = new HttpRequestMessage(HttpMethod.Post, address)
            {
                Content = new ReadOnlyMemoryContent(BatchOf(batch)),
                Version = cluster.Model.Config.HttpRequest!.Version!,
                VersionPolicy = cluster.Model.Config.HttpRequest!.VersionPolicy!.Value,
            };
            using var response = await cluster.Model.HttpClient.SendAsync(request, patience.Token);
            return kind.IsAnswer(response)
                ? (await ReadAsync(response.Content, batch.Length, patience.Token), kind.Unanswered)
                : ([], kind.Refused((int)response.StatusCode));
        }
        catch (Exception exception)
        {
            // Whatever it is: requests wait for this.
            LogNoAnswer(logger, kind.Path, exception.GetType().Name);
            lostReplicas.Lose(cluster, destination);
            Release();
            return ([], kind.Failed(exception));
        }
    }

    // Those who wait go the ordinary way.
    private void Release()
    {
        PendingRequest<TAnswer>[] all;
        lock (gate)
        {
            all = [.. waiting];
            waiting.Clear();
        }

        Array.ForEach(all, request => request.Complete(default!));
    }

    private async Task<IReadOnlyList<TAnswer>> ReadAsync(HttpContent content, int count, CancellationToken cancellationToken)
    {
        var length = (int)content.Headers.ContentLength!.Value;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            await using var body = await content.ReadAsStreamAsync(cancellationToken);
            await body.ReadExactlyAsync(buffer.AsMemory(0, length), cancellationToken);
            return kind.Read(buffer.AsSpan(0, length), count);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static ReadOnlyMemory<byte> BatchOf(PendingRequest<TAnswer>[] requests)
    {
        // Mostly there is one, or are few.
        var tokens = new List<PendingRequest<TAnswer>>();
        foreach (var request in requests)
        {
            if (!tokens.Exists(other => other.Identity == request.Identity))
                tokens.Add(request);
        }

        var batch = new ArrayBufferWriter<byte>(4096);
        batch.WriteNumber(tokens.Count);
        foreach (var request in tokens)
            batch.WriteText(request.Token);

        batch.WriteNumber(requests.Length);
        foreach (var request in requests)
        {
            batch.WriteNumber(tokens.FindIndex(other => other.Identity == request.Identity));
            request.Write(batch);
        }

        return batch.WrittenMemory;
    }

    // Notes that a batch takes too long, as long as it does.
    private sealed class StallWatch : IDisposable
    {
        private readonly Lane<TAnswer> lane;
        private readonly Timer timer;
        private bool isStalled, isOver;

        public StallWatch(Lane<TAnswer> lane)
        {
            this.lane = lane;
            timer = new(static watch => ((StallWatch)watch!).Stalled(), this, Stall, Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            timer.Dispose();
            lock (lane.gate)
            {
                isOver = true;
                lane.stalled -= isStalled ? 1 : 0;
            }
        }

        private void Stalled()
        {
            lock (lane.gate)
            {
                if (isOver)
                    return;

                isStalled = true;
                lane.stalled++;
            }

            lane.Release();
        }
    }

    [LoggerMessage(2002, LogLevel.Warning, "A batch for {Path} got no answer ({Reason}).")]
    private static partial void LogNoAnswer(ILogger logger, string path, string reason);
}

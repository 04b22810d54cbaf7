using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using KvAspire.Gateway.Routes;
using KvAspire.GatewayProtocol;
using KvAspire.ServiceDefaults.Services;
using KvAspire.ServiceDefaults.Telemetry;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace KvAspire.Gateway.Forwarding.Batches;

/// <summary>The lanes of one kind of request, one to each replica of the data service.</summary>
internal sealed class Lanes<TAnswer>(
    BatchKind<TAnswer> kind, IProxyStateLookup proxy, LostReplicas lostReplicas, BatchSpans spans, ForwardingMetrics metrics, ServiceSecret secret,
    TimeProvider time, ILogger<Lanes<TAnswer>> logger)
{
    private readonly ConcurrentDictionary<DestinationState, Lane<TAnswer>> lanes = new();

    /// <summary>Sends a request on the least loaded lane to a healthy replica. Declines it where there is no replica.</summary>
    public Task<TAnswer> SendAsync(PendingRequest<TAnswer> request) => Least()?.SendAsync(request) ?? Task.FromResult(kind.Declined);

    private Lane<TAnswer>? Least()
    {
        if (!proxy.TryGetCluster(PublicRoutes.Data, out var cluster))
            return null;

        Lane<TAnswer>? least = null;
        foreach (var destination in cluster.DestinationsState.AvailableDestinations)
        {
            var lane = lanes.TryGetValue(destination, out var known) ? known
                : lanes.GetOrAdd(destination, new Lane<TAnswer>(kind, cluster, destination, lostReplicas, spans, metrics, secret, new(time), logger));
            if (least is null || lane.Load < least.Load)
                least = lane;
        }

        return least;
    }
}

/// <summary>
/// The requests of one kind on their way to one replica. A request that comes while no batch is under way is sent at once.
/// Requests that come meanwhile go with the next batch: no request waits without need, and batches grow with the load. While
/// a batch takes too long, the lane declines requests.
/// </summary>
internal sealed partial class Lane<TAnswer>(
    BatchKind<TAnswer> kind, ClusterState cluster, DestinationState destination, LostReplicas lostReplicas, BatchSpans spans,
    ForwardingMetrics metrics, ServiceSecret secret, RepeatedFailure failure, ILogger logger)
{
    // Larger queues gain nothing.
    private const int MaxWaiting = 4 * BatchFormat.MaxRequests;

    // A request that has not been sent by then is forwarded alone, perhaps to another replica.
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Queue<PendingRequest<TAnswer>> waiting = new();
    private readonly Uri address = new(new Uri(destination.Model.Config.Address), kind.Path);
    private int running;
    private int stalled;

    /// <summary>A measure of the requests on the lane, to compare lanes.</summary>
    public int Load => (Volatile.Read(ref running) * BatchFormat.MaxRequests) + waiting.Count;

    /// <summary>Sends a request with the next batch.</summary>
    public Task<TAnswer> SendAsync(PendingRequest<TAnswer> request)
    {
        lock (gate)
        {
            if (waiting.Count >= MaxWaiting || stalled > 0)
                return Task.FromResult(kind.Declined);

            waiting.Enqueue(request);
            if (running >= kind.MaxRunning)
                return request.Answer;

            running++;
        }

        // Queued behind other work, so that requests of the same moment come along. Without the request's context, and its trace.
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

            await Task.Yield(); // behind other work: clients that were answered may send their next request
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

    // The answers that came, and the answer to the other requests.
    private async Task<(IReadOnlyList<TAnswer> Answers, TAnswer Other)> SendAsync(PendingRequest<TAnswer>[] batch)
    {
        using var span = spans.Start(kind.Name, batch);
        metrics.Batch(batch.Length, kind.Kind);
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
            secret.AddTo(request.Headers);
            using var response = await cluster.Model.HttpClient.SendAsync(request, patience.Token);
            failure.Succeeded();
            return kind.HasAnswers(response)
                ? (await ReadAsync(response.Content, batch.Length, patience.Token), kind.Unanswered)
                : ([], kind.Refused((int)response.StatusCode));
        }
        catch (Exception exception)
        {
            // Requests wait for this: no exception may escape.
            span?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", exception.GetType().FullName);
            if (failure.Failed())
                LogNoAnswer(logger, kind.Path, exception.GetType().Name);
            lostReplicas.Lose(cluster, destination);
            Release();
            return ([], kind.Failed(exception));
        }
    }

    // Declines the requests that wait.
    private void Release()
    {
        PendingRequest<TAnswer>[] all;
        lock (gate)
        {
            all = [.. waiting];
            waiting.Clear();
        }

        Array.ForEach(all, request => request.Complete(kind.Declined));
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
        // Usually there are few.
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

    // Marks the lane as stalled while a batch takes too long.
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

    [LoggerMessage(EventIds.BatchNotAnswered, LogLevel.Warning, "A batch for {Path} got no answer ({Reason}).", EventName = nameof(EventIds.BatchNotAnswered))]
    private static partial void LogNoAnswer(ILogger logger, string path, string reason);
}

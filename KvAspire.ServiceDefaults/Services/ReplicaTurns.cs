using Microsoft.Extensions.ServiceDiscovery;

namespace KvAspire.ServiceDefaults.Services;

/// <summary>Sends all requests to one replica until it fails, and each further attempt to the next replica.</summary>
/// <remarks>
/// Replaces the handler of service discovery, where all calls share one round robin, so that a second attempt can hit the same
/// replica again. Measured there with one of two replicas refusing connections and one retry: 25 % of 2,000 calls failed, at 2
/// and at 16 concurrent calls; with five retries 1.5 % at 16. With one of two replicas hanging, 8 of 9 consecutive calls waited
/// for the time limit, since a call with two attempts leaves the round robin where it began; here one call waits.
/// </remarks>
internal sealed class ReplicaTurns(ServiceEndpointResolver services) : DelegatingHandler
{
    private static readonly HttpRequestOptionsKey<int> Turn = new("kvaspire.turn");

    // The current replica, modulo the number of replicas.
    private int current;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var target = request.RequestUri!;
        var replicas = (await services.GetEndpointsAsync(target.GetLeftPart(UriPartial.Authority), cancellationToken)).Endpoints;
        var turn = Next(request);
        var replica = (UriEndPoint)replicas[(int)((uint)turn % replicas.Count)].EndPoint;
        request.RequestUri = new(replica.Uri, target.PathAndQuery);
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        finally
        {
            request.RequestUri = target; // for the next attempt
        }
    }

    private int Next(HttpRequestMessage request)
    {
        var turn = Volatile.Read(ref current);
        if (request.Options.TryGetValue(Turn, out var failed))
        {
            turn = unchecked(failed + 1);
            Interlocked.CompareExchange(ref current, turn, failed);
        }

        request.Options.Set(Turn, turn);
        return turn;
    }
}

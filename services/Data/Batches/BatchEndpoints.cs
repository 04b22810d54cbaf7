using KvAspire.GatewayProtocol;

namespace KvAspire.Data.Batches;

/// <summary>
/// The endpoints for requests that a gateway gathers into a batch. They are on this service's own port only, where the gateway
/// proves itself by the secret of the services, and each request brings its own token. A request that needs more than they do is
/// left to its ordinary endpoint: the gateway then forwards it.
/// </summary>
internal static class BatchEndpoints
{
    /// <summary>Maps both.</summary>
    public static void MapBatches(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(ReadRequests.Path, ReadsEndpoint.AnswerAsync);
        routes.MapPost(WriteRequests.Path, WritesEndpoint.AnswerAsync);
    }
}

using KvAspire.ServiceDefaults.Envelopes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Services;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace KvAspire.Data.Changes.Compaction;

/// <summary>
/// The endpoint that compacts the history now. It is for the AppHost's command, at the service's own port, with the operator's
/// secret beside the one of the services.
/// </summary>
internal static class CompactionEndpoints
{
    private const string BadKeep = "Invalid request. The number of changes to keep must be a positive number.";

    public static void MapCompaction(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/internal/history/compact", CompactAsync).AllowAnonymous();

    /// <param name="request">The request.</param>
    /// <param name="operatorSecret">Tells the operator from others.</param>
    /// <param name="compaction">Removes the changes.</param>
    /// <param name="options">How much history is kept.</param>
    /// <param name="keep">How many changes of each owner to keep, in place of the setting.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    private static async Task<Results<Ok<SuccessEnvelope<CompactionResult>>, ErrorResult>> CompactAsync(
        HttpRequest request, OperatorSecret operatorSecret, ChangeCompaction compaction, IOptions<CompactionOptions> options, int? keep,
        CancellationToken cancellationToken)
    {
        if (!operatorSecret.IsIn(request))
            return ErrorCatalogue.InvalidToken.AsResult();
        if (keep < 1)
            return ErrorCatalogue.InvalidRequest.AsResult(BadKeep);

        var kept = new CompactionOptions { MaxAge = options.Value.MaxAge, MaxChanges = keep ?? options.Value.MaxChanges };
        var round = await compaction.RunAsync(kept, cancellationToken);
        return TypedResults.Ok(Success.Of("The history is compacted.", new CompactionResult(round?.Removed ?? 0)));
    }
}

/// <summary>What a compaction did.</summary>
/// <param name="Removed">The number of changes that it removed; 0 too if another replica was compacting.</param>
public sealed record CompactionResult(long Removed);

using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Data.Writes;

/// <summary>
/// Refuses the headers <c>If-Match</c> and <c>If-None-Match</c> at writes that have no conditions in headers. If the headers
/// were ignored, the write would go through.
/// </summary>
internal sealed class NoConditions : IEndpointFilter
{
    private const string Misplaced =
        "Invalid request. If-Match and If-None-Match belong to PUT and DELETE, and the condition of an operation is its if_match.";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var headers = context.HttpContext.Request.Headers;
        return headers.IfMatch.Count == 0 && headers.IfNoneMatch.Count == 0
            ? await next(context)
            : ErrorCatalogue.InvalidRequest.AsResult(Misplaced);
    }
}

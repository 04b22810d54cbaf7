using KvAspire.Gateway.Edge.Targets;
using KvAspire.GatewayProtocol;
using KvAspire.ServiceDefaults.Requests;
using Microsoft.AspNetCore.Http.Features;

namespace KvAspire.Gateway.Forwarding.Batches;

/// <summary>
/// Which requests can go in a batch: by method, target, headers and announced length alone, neither by load nor by tracing. A
/// batch carries a key and a small body, and no other wish of the client.
/// </summary>
internal static class SmallRequest
{
    private const string Prefix = "/api/data/", Upsert = "?upsert=true";

    /// <summary>Whether a request is <c>GET /api/data/{key}</c> without conditions.</summary>
    /// <param name="context">The request.</param>
    /// <param name="key">The key as it stands in the path.</param>
    public static bool IsRead(HttpContext context, out ReadOnlyMemory<char> key) =>
        TryReadKey(context, "", out key)
        && HttpMethods.IsGet(context.Request.Method)
        && context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true };

    /// <summary>Whether a request is <c>PUT /api/data/{key}</c> with a small JSON body, perhaps with <c>?upsert=true</c>.</summary>
    /// <param name="context">The request.</param>
    /// <param name="key">The key as it stands in the path.</param>
    /// <param name="upserts">Whether it creates the entry where there is none.</param>
    public static bool IsReplacement(HttpContext context, out ReadOnlyMemory<char> key, out bool upserts)
    {
        var request = context.Request;
        upserts = request.QueryString.Value is Upsert;
        return TryReadKey(context, upserts ? Upsert : "", out key)
            && HttpMethods.IsPut(request.Method)
            && request.ContentLength is > 0 and <= WriteRequests.MaxBodyBytes
            && JsonMediaType.Matches(request.ContentType)
            && !IdempotentWrites.HasKey(request)
            && !request.Headers.ContainsKey("Content-Encoding") && !request.Headers.ContainsKey("Prefer");
    }

    private static bool TryReadKey(HttpContext context, string query, out ReadOnlyMemory<char> key)
    {
        key = default;
        var target = StrictTargets.Of(context);
        if (!HasNoWishes(context.Request.Headers)
            || !target.StartsWith(Prefix, StringComparison.Ordinal) || !target.EndsWith(query, StringComparison.Ordinal))
            return false;

        key = target.AsMemory(Prefix.Length..^query.Length);
        return key.Length is > 0 and <= BatchFormat.MaxKeyLength && !key.Span.Contains('?');
    }

    // Neither conditions (RFC 9110, section 13) nor directives for the cache (RFC 9111, section 5.2).
    private static bool HasNoWishes(IHeaderDictionary headers) =>
        headers.CacheControl.Count == 0 && headers.IfNoneMatch.Count == 0 && headers.IfMatch.Count == 0 && headers.TransferEncoding.Count == 0;
}

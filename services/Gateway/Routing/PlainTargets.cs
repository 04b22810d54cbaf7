using KvAspire.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Http.Features;

namespace KvAspire.Gateway.Routing;

/// <summary>
/// Lets through only request targets (RFC 9112, section 3.2) that mean the same to the gateway and to the service, since
/// the service receives what the client sent, byte for byte (<see cref="Of"/>).
/// </summary>
internal static class PlainTargets
{
    private const string Refusal = "Invalid request. The path must be plain ASCII, percent-encoded where needed, without dot segments or a fragment.";

    public static void UsePlainTargets(this IApplicationBuilder app) => app.Use((context, next) =>
        IsPlain(context) ? next(context) : ErrorCatalogue.InvalidRequest.AsResult(Refusal).ExecuteAsync(context));

    /// <summary>Path and query as they arrived, without decoding; of an absolute URL, what comes after the authority.</summary>
    public static string Of(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (target.StartsWith('/'))
            return target;

        var authority = target.IndexOf("://", StringComparison.Ordinal);
        var path = authority < 0 ? -1 : target.IndexOf('/', authority + 3);
        return path < 0 ? "" : target[path..];
    }

    // The path that routing saw is decoded and has no dot segments any more. If plain decoding gives another one, then
    // something was resolved on the way that the service, or a proxy in between, might resolve otherwise.
    public static bool IsPlain(HttpContext context)
    {
        var target = Of(context);
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? target : target[..query];
        return path.Length > 0
            && !target.AsSpan().ContainsAnyExceptInRange('!', '~')
            && !target.Contains('#', StringComparison.Ordinal) // a fragment is the client's own; some cut it off, some do not
            && (path == context.Request.Path.Value || PathString.FromUriComponent(path).Value == context.Request.Path.Value);
    }
}

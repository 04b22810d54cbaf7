using KvAspire.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Http.Features;

namespace KvAspire.Gateway.Edge.Targets;

/// <summary>
/// Refuses request targets (RFC 9112, section 3.2) that the gateway and a service could read differently, since the service
/// receives the client's target byte for byte (<see cref="Of"/>).
/// </summary>
internal static class StrictTargets
{
    private const string Refusal = "Invalid request. "
        + "The path must be plain ASCII, percent-encoded where needed, without dot segments or a fragment.";

    public static void UseStrictTargets(this IApplicationBuilder app) => app.Use((context, next) =>
        IsUnambiguous(context) ? next(context) : ErrorCatalogue.InvalidRequest.AsResult(Refusal).ExecuteAsync(context));

    /// <summary>The path and query as received, not decoded; of an absolute URL, the part after the authority.</summary>
    public static string Of(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (target.StartsWith('/'))
            return target;

        var authority = target.IndexOf("://", StringComparison.Ordinal);
        var path = authority < 0 ? -1 : target.IndexOf('/', authority + 3);
        return path < 0 ? "" : target[path..];
    }

    // Kestrel decodes the path and resolves dot segments before routing. If decoding alone gives another path, Kestrel has
    // resolved a part that the service, or a proxy in between, might resolve differently.
    private static bool IsUnambiguous(HttpContext context)
    {
        var target = Of(context);
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? target : target[..query];
        return path.Length > 0
            && !target.AsSpan().ContainsAnyExceptInRange('!', '~')
            && !target.Contains('#', StringComparison.Ordinal) // some servers cut a fragment off, some do not
            && (path == context.Request.Path.Value || PathString.FromUriComponent(path).Value == context.Request.Path.Value);
    }
}

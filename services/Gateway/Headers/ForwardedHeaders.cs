using Microsoft.Net.Http.Headers;

namespace KvAspire.Gateway.Headers;

/// <summary>
/// Takes away what a client claims about the way its request came: this is the first hop, and the gateway tells the
/// services itself. Nothing behind it is upgraded to another protocol either.
/// </summary>
internal static class ForwardedHeaders
{
    private static readonly string[] Claims = ["Forwarded", "X-Real-IP", "X-Original-URL", "X-Rewrite-URL", HeaderNames.Upgrade];

    public static void UseForwardedHeadersOfOurOwn(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var headers = context.Request.Headers;
        foreach (var claim in Claims)
            headers.Remove(claim);

        List<string>? forwarded = null;
        foreach (var (name, _) in headers)
        {
            if (name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase))
                (forwarded ??= []).Add(name);
        }

        forwarded?.ForEach(name => headers.Remove(name));
        return next(context);
    });
}

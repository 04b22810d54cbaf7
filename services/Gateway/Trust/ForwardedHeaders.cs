using Microsoft.Net.Http.Headers;
using Taken = Microsoft.AspNetCore.HttpOverrides.ForwardedHeaders;

namespace KvAspire.Gateway.Trust;

/// <summary>
/// Believes what a trusted proxy says of the way a request came, then takes away all such claims, whoever makes them: the
/// gateway tells the services itself. Nothing behind it is upgraded to another protocol either.
/// </summary>
internal static class ForwardedHeaders
{
    // A longer chain of proxies is none. It bounds what a header of commas costs.
    private const int MaxProxies = 16;

    private static readonly string[] Claims = ["Forwarded", "X-Real-IP", "X-Rewrite-URL", HeaderNames.Upgrade];

    // Also those of before W3C Trace Context, which .NET reads as well.
    private static readonly string[] Traces =
        [HeaderNames.TraceParent, HeaderNames.TraceState, HeaderNames.Baggage, HeaderNames.RequestId, HeaderNames.CorrelationContext];

    /// <summary>
    /// Uses it: what comes after sees the client's address and what the client's connection was like
    /// (<see cref="HttpRequest.Scheme"/>, <see cref="HttpRequest.Host"/>).
    /// </summary>
    public static void UseForwardedHeadersOfOurOwn(this WebApplication app)
    {
        if (app.Services.GetRequiredService<TrustedNetworks>() is { All.Count: > 0 } networks)
            app.UseForwardedHeaders(From(networks));

        app.Use((context, next) =>
        {
            TakeAway(context.Request.Headers);
            return next(context);
        });
    }

    // From the right, address by address, as long as it is a trusted one that speaks: the first that is not trusted is the
    // client's. What is no address ends the chain, and what is left of it was written by nobody we know.
    private static ForwardedHeadersOptions From(TrustedNetworks networks)
    {
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = Taken.XForwardedFor | Taken.XForwardedProto | Taken.XForwardedHost,
            ForwardLimit = MaxProxies,
        };
        options.KnownProxies.Clear(); // by default this machine is one
        options.KnownIPNetworks.Clear();
        foreach (var network in networks.All)
            options.KnownIPNetworks.Add(network);
        return options;
    }

    private static void TakeAway(IHeaderDictionary headers)
    {
        foreach (var claim in Claims)
            headers.Remove(claim);
        if (!TrustedTraces.AreFollowed)
        {
            foreach (var trace in Traces)
                headers.Remove(trace);
        }

        List<string>? forwarded = null;
        foreach (var (name, _) in headers)
        {
            // X-Original-URL among them, and what the middleware above leaves of what it has replaced.
            if (name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("X-Original-", StringComparison.OrdinalIgnoreCase))
                (forwarded ??= []).Add(name);
        }

        forwarded?.ForEach(name => headers.Remove(name));
    }
}

using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace KvAspire.Gateway.Edge.Headers;

/// <summary>
/// Removes hop-by-hop headers of requests (RFC 9110, section 7.6.1): those that <c>Connection</c> names, <c>TE</c> and
/// <c>Trailer</c>. YARP removes the others, such as <c>Keep-Alive</c>. If Kestrel knows just one option of <c>Connection</c>
/// (close, keep-alive, upgrade), Kestrel shows only that one, and the headers that the others name stay.
/// </summary>
internal static class HopByHopHeaders
{
    public static void UseHopByHopHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        RemoveFrom(context.Request.Headers);
        return next(context);
    });

    private static void RemoveFrom(IHeaderDictionary headers)
    {
        if (headers.Connection is { Count: > 0 } connection)
            RemoveNamed(headers, connection);
        if (headers.TE.Count > 0)
            headers.Remove(HeaderNames.TE);
        if (headers.Trailer.Count > 0)
            headers.Remove(HeaderNames.Trailer);
    }

    private static void RemoveNamed(IHeaderDictionary headers, StringValues connection)
    {
        foreach (var line in connection)
        {
            foreach (var part in line.AsSpan().Split(','))
            {
                var option = line.AsSpan(part).Trim();
                if (!IsPersistence(option) && !IsFraming(option))
                    headers.Remove(option.ToString());
            }
        }
    }

    private static bool IsPersistence(ReadOnlySpan<char> option) =>
        option.IsEmpty || Is(option, "keep-alive") || Is(option, "close");

    // Never hop-by-hop: Kestrel has already used them to find the request's target and end.
    private static bool IsFraming(ReadOnlySpan<char> option) =>
        Is(option, HeaderNames.Host) || Is(option, HeaderNames.ContentLength) || Is(option, HeaderNames.TransferEncoding);

    private static bool Is(ReadOnlySpan<char> option, string name) => option.Equals(name, StringComparison.OrdinalIgnoreCase);
}

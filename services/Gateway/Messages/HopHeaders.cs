using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace KvAspire.Gateway.Messages;

/// <summary>
/// Takes away what a client says to its neighbour only (RFC 9110, section 7.6.1): the headers that its <c>Connection</c> names,
/// <c>TE</c> and <c>Trailer</c>. So nobody after it, here or in a service, goes by them. Those that speak of a connection by
/// their own name are left to the forwarder, which passes none of them on. Of a <c>Connection</c> with just one word that
/// Kestrel knows (close, keep-alive, upgrade), Kestrel shows that word only: what else it names stays an ordinary header.
/// </summary>
internal static class HopHeaders
{
    public static void UseHopHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        TakeAway(context.Request.Headers);
        return next(context);
    });

    private static void TakeAway(IHeaderDictionary headers)
    {
        if (headers.Connection is { Count: > 0 } connection)
            TakeAway(headers, connection);
        if (headers.TE.Count > 0)
            headers.Remove(HeaderNames.TE);
        if (headers.Trailer.Count > 0)
            headers.Remove(HeaderNames.Trailer);
    }

    private static void TakeAway(IHeaderDictionary headers, StringValues connection)
    {
        foreach (var line in connection)
        {
            foreach (var part in line.AsSpan().Split(','))
            {
                var option = line.AsSpan(part).Trim();
                if (!IsUsual(option) && !IsOfTheMessage(option))
                    headers.Remove(option.ToString());
            }
        }
    }

    private static bool IsUsual(ReadOnlySpan<char> option) => option.IsEmpty || Is(option, "keep-alive") || Is(option, "close");

    // Whatever the connection: where it goes and where it ends. It has been decided by now, and is not undone.
    private static bool IsOfTheMessage(ReadOnlySpan<char> option) =>
        Is(option, HeaderNames.Host) || Is(option, HeaderNames.ContentLength) || Is(option, HeaderNames.TransferEncoding);

    private static bool Is(ReadOnlySpan<char> option, string name) => option.Equals(name, StringComparison.OrdinalIgnoreCase);
}

using Microsoft.AspNetCore.Http;

namespace KvAspire.GatewayProtocol;

/// <summary>
/// Marks a request that the gateway forwards again after it lost the first replica. Only the gateway can set the mark: it removes
/// the header from what clients send.
/// </summary>
public static class ForwardedAgain
{
    private const string Header = "X-Forwarded-Again";

    /// <summary>Marks a request.</summary>
    public static void Mark(HttpRequest request) => request.Headers[Header] = "1";

    /// <summary>Whether a request is marked.</summary>
    public static bool Is(HttpRequest request) => request.Headers.ContainsKey(Header);
}

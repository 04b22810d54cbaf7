using Microsoft.AspNetCore.Http;

namespace KvAspire.ServiceDefaults.Requests;

/// <summary>
/// Marks a request that a gateway forwards once more, since the replica that had it before was lost. The gateway alone can: it
/// takes away whatever of that kind a client sends.
/// </summary>
public static class ForwardedAgain
{
    private const string Header = "X-Forwarded-Again";

    /// <summary>Marks it.</summary>
    public static void Mark(HttpRequest request) => request.Headers[Header] = "1";

    /// <summary>Whether it is marked.</summary>
    public static bool Is(HttpRequest request) => request.Headers.ContainsKey(Header);
}

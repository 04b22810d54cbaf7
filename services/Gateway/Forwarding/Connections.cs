using System.Text;

namespace KvAspire.Gateway.Forwarding;

/// <summary>The connections to the services.</summary>
internal static class Connections
{
    public static void Configure(SocketsHttpHandler handler)
    {
        handler.ConnectTimeout = TimeSpan.FromSeconds(3);

        // A service's name may stand for replicas that come and go, behind DNS or a balancer of connections: old
        // connections are replaced, so that new replicas get their share.
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(2);

        // As Kestrel reads them, here and there. By default what is beyond ASCII fails the request, and looks like a lost replica.
        handler.RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8;

        // One HTTP/2 connection carries many requests: notice soon when its other end is gone without a word.
        handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests;
        handler.KeepAlivePingDelay = TimeSpan.FromSeconds(10);
        handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(5);
    }
}

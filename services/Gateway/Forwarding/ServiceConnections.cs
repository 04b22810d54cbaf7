using System.Text;

namespace KvAspire.Gateway.Forwarding;

/// <summary>Configures the connections to the services.</summary>
internal static class ServiceConnections
{
    public static void Configure(SocketsHttpHandler handler)
    {
        handler.ConnectTimeout = TimeSpan.FromSeconds(3);

        // A service's name may stand for changing replicas, behind DNS or a connection balancer. Replacing old connections
        // gives new replicas their share.
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(2);

        // Kestrel reads headers as UTF-8. By default HttpClient fails on non-ASCII headers, which looks like a lost replica.
        handler.RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8;

        // One HTTP/2 connection carries many requests: detect a dead peer early.
        handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests;
        handler.KeepAlivePingDelay = TimeSpan.FromSeconds(10);
        handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(5);
    }
}

using System.Net;

namespace KvAspire.Identity.Audit;

/// <summary>An event that matters to the security of the system. It never changes.</summary>
internal sealed class AuditEvent
{
    public long Id { get; set; }
    public DateTimeOffset At { get; set; }

    /// <summary>One of <see cref="AuditKinds"/>.</summary>
    public required string Kind { get; set; }

    /// <summary>One of <see cref="AuditOutcomes"/>.</summary>
    public required string Outcome { get; set; }

    /// <summary>The opaque id of the user or client that did it; null for an anonymous caller.</summary>
    public string? Actor { get; set; }

    /// <summary>The opaque id of the user, client, session or key that it was done to.</summary>
    public string? Subject { get; set; }

    /// <summary>The client's address as the gateway saw it; null outside of HTTP requests and after its erasure.</summary>
    public IPAddress? ClientAddress { get; set; }

    /// <summary>The W3C trace id of the request.</summary>
    public string? TraceId { get; set; }

    /// <summary>A small JSON object with details, never with personal data.</summary>
    public string? Details { get; set; }
}

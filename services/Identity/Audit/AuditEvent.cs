using System.Net;

namespace KvAspire.Identity.Audit;

/// <summary>Something that happened to the security of the system. Never changed once it is written.</summary>
internal sealed class AuditEvent
{
    /// <summary>Grows with every event.</summary>
    public long Id { get; set; }

    /// <summary>When it happened.</summary>
    public DateTimeOffset At { get; set; }

    /// <summary>What happened: one of <see cref="AuditKinds"/>.</summary>
    public required string Kind { get; set; }

    /// <summary>How it ended: one of <see cref="AuditOutcomes"/>.</summary>
    public required string Outcome { get; set; }

    /// <summary>Who did it: the opaque id of a user or a client; null for a stranger.</summary>
    public string? Actor { get; set; }

    /// <summary>Whom or what it was done to: the opaque id of a user, a client or a key.</summary>
    public string? Subject { get; set; }

    /// <summary>From where, as the gateway saw it. Null where nobody asked over HTTP, or once it was erased.</summary>
    public IPAddress? ClientAddress { get; set; }

    /// <summary>The W3C trace id of the request.</summary>
    public string? TraceId { get; set; }

    /// <summary>A small JSON object with more, never with personal data.</summary>
    public string? Details { get; set; }
}

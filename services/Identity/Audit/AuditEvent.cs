using System.Net;

namespace KvAspire.Identity.Audit;

/// <summary>An event that matters to the security of the system. It never changes, but repetitions are counted.</summary>
internal sealed class AuditEvent
{
    public long Id { get; set; }

    /// <summary>The time of the event, or of the first of its repetitions.</summary>
    public DateTimeOffset At { get; set; }

    /// <summary>The time of the last repetition; null for an event that is recorded each time that it happens.</summary>
    public DateTimeOffset? LastAt { get; set; }

    /// <summary>How often it happened, from <see cref="At"/> to <see cref="LastAt"/>.</summary>
    public long Count { get; set; }

    /// <summary>One of <see cref="AuditKinds"/>.</summary>
    public required string Kind { get; set; }

    /// <summary>One of <see cref="AuditOutcomes"/>.</summary>
    public required string Outcome { get; set; }

    /// <summary>The opaque id of the user or client that did it; null for an anonymous caller.</summary>
    public string? Actor { get; set; }

    /// <summary>The opaque id of the user, client, session or key that it was done to.</summary>
    public string? Subject { get; set; }

    /// <summary>The client's address; null outside of HTTP requests and after its erasure.</summary>
    public IPAddress? ClientAddress { get; set; }

    /// <summary>The W3C trace id of the request.</summary>
    public string? TraceId { get; set; }

    /// <summary>A small JSON object with details, never with personal data.</summary>
    public string? Details { get; set; }
}

using System.Text.Json;

namespace KvAspire.Identity.Admin;

/// <summary>An event of the audit log.</summary>
/// <param name="Id">Grows with every event.</param>
/// <param name="At">When it happened.</param>
/// <param name="Kind">What happened, such as <c>user.sign_in</c>.</param>
/// <param name="Outcome"><c>success</c>, <c>failure</c>, <c>locked</c> or <c>disabled</c>.</param>
/// <param name="Actor">The id of the user or client that did it; left out for a stranger.</param>
/// <param name="Subject">The id of the user, client, session or key that it was done to.</param>
/// <param name="ClientAddress">From where; left out once it was erased.</param>
/// <param name="TraceId">The W3C trace id of the request.</param>
/// <param name="Details">A few words more.</param>
public sealed record AuditRecord(
    long Id, DateTimeOffset At, string Kind, string Outcome, string? Actor, string? Subject, string? ClientAddress, string? TraceId,
    JsonElement? Details);

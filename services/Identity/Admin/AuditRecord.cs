using System.Text.Json;

namespace KvAspire.Identity.Admin;

/// <summary>An event of the audit log.</summary>
/// <param name="Id">A number that grows with every event.</param>
/// <param name="At">The time of the event, or of the first of its repetitions.</param>
/// <param name="LastAt">The time of the last repetition. An event that anonymous callers can repeat, such as a failed sign-in, stands for
/// all of the same kind, outcome, subject and address within an hour; other events do not have this member.</param>
/// <param name="Count">How often it happened.</param>
/// <param name="Kind">The kind of the event, such as <c>user.sign_in</c>.</param>
/// <param name="Outcome"><c>success</c>, <c>failure</c>, <c>locked</c> or <c>disabled</c>.</param>
/// <param name="Actor">The id of the user or client that did it; left out for an anonymous caller.</param>
/// <param name="Subject">The id of the user, client, session or key that it was done to.</param>
/// <param name="ClientAddress">The client's address; left out once it was erased.</param>
/// <param name="TraceId">The W3C trace id of the request.</param>
/// <param name="Details">More details.</param>
public sealed record AuditRecord(
    long Id, DateTimeOffset At, DateTimeOffset? LastAt, long Count, string Kind, string Outcome, string? Actor, string? Subject, string? ClientAddress, string? TraceId,
    JsonElement? Details);

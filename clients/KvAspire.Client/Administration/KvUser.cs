using System.Text.Json;
using System.Text.Json.Serialization;

namespace KvAspire.Client.Administration;

/// <summary>A user as an administrator sees them.</summary>
/// <param name="UserId">The subject of the user's tokens.</param>
/// <param name="Username">The username.</param>
/// <param name="Email">The email address.</param>
/// <param name="FullName">The full name.</param>
/// <param name="Role"><c>user</c> or <c>admin</c>.</param>
/// <param name="CreatedAt">The time of the registration.</param>
/// <param name="DisabledAt">The time since when the user may not sign in; null where the user may.</param>
/// <param name="LockedUntil">The end of the last lockout; null where there is none, and in lists.</param>
/// <param name="Sessions">The number of sessions; null in lists.</param>
public sealed record KvUser(
    string UserId, string Username, string Email, string FullName, string Role, DateTimeOffset CreatedAt, DateTimeOffset? DisabledAt = null,
    DateTimeOffset? LockedUntil = null, int? Sessions = null);

/// <summary>Changes of a user. Null leaves a field as it is.</summary>
public sealed record KvUserChange
{
    /// <summary><c>user</c> or <c>admin</c>.</summary>
    public string? Role { get; init; }

    /// <summary>Whether the user may not sign in.</summary>
    public bool? Disabled { get; init; }

    /// <summary>False ends a lockout.</summary>
    public bool? Locked { get; init; }
}

/// <summary>Conditions on events of the audit log; null for any.</summary>
/// <param name="Kind">The kind, such as <c>user.sign_in</c>.</param>
/// <param name="Actor">The id of the user or client that did it.</param>
/// <param name="Subject">The id of what it was done to.</param>
/// <param name="From">The earliest time.</param>
/// <param name="To">The time before which events began.</param>
public sealed record KvAuditFilter(
    string? Kind = null, string? Actor = null, string? Subject = null, DateTimeOffset? From = null, DateTimeOffset? To = null);

/// <summary>An event of the audit log.</summary>
/// <param name="Id">A number that grows with every event.</param>
/// <param name="At">The time of the event, or of the first of its repetitions.</param>
/// <param name="Count">How often it happened.</param>
/// <param name="Kind">The kind, such as <c>user.sign_in</c>.</param>
/// <param name="Outcome"><c>success</c>, <c>failure</c>, <c>locked</c> or <c>disabled</c>.</param>
/// <param name="LastAt">The time of the last repetition; null for an event that stands for itself.</param>
/// <param name="Actor">The id of the user or client that did it; null for an anonymous caller.</param>
/// <param name="Subject">The id of the user, client, session or key that it was done to.</param>
/// <param name="ClientAddress">The client's address; null once it was erased.</param>
/// <param name="TraceId">The trace id of the request.</param>
/// <param name="Details">More details.</param>
public sealed record KvAuditEvent(
    long Id, DateTimeOffset At, long Count, string Kind, string Outcome, DateTimeOffset? LastAt = null, string? Actor = null, string? Subject = null,
    string? ClientAddress = null, string? TraceId = null, JsonElement? Details = null);

/// <summary>The JSON of administration.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KvUser))]
[JsonSerializable(typeof(KvUserChange))]
[JsonSerializable(typeof(KvAuditEvent))]
internal sealed partial class AdministrationWire : JsonSerializerContext;

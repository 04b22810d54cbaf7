using System.Text.Json.Serialization;
using KvAspire.Identity.Users;

namespace KvAspire.Identity.Admin;

/// <summary>A user as an administrator sees them in a list.</summary>
/// <param name="UserId">The subject of the user's tokens.</param>
/// <param name="Username">The registered name.</param>
/// <param name="Email">The e-mail address, unique without regard to case.</param>
/// <param name="FullName">The user's full name.</param>
/// <param name="Role"><c>user</c> or <c>admin</c>.</param>
/// <param name="CreatedAt">The time of the registration.</param>
/// <param name="DisabledAt">The time since when the user may not sign in; null where the user may.</param>
public sealed record UserSummary(
    [property: Uuid] string UserId,
    string Username,
    string Email,
    string FullName,
    string Role,
    DateTimeOffset CreatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? DisabledAt);

/// <summary>A user as an administrator sees them alone.</summary>
/// <param name="UserId">The subject of the user's tokens.</param>
/// <param name="Username">The registered name.</param>
/// <param name="Email">The e-mail address, unique without regard to case.</param>
/// <param name="FullName">The user's full name.</param>
/// <param name="Role"><c>user</c> or <c>admin</c>.</param>
/// <param name="CreatedAt">The time of the registration.</param>
/// <param name="DisabledAt">The time since when the user may not sign in; null where the user may.</param>
/// <param name="LockedUntil">The end of the last lockout of a client from this account; null where there is none.</param>
/// <param name="Sessions">The number of sessions.</param>
public sealed record UserDetails(
    [property: Uuid] string UserId,
    string Username,
    string Email,
    string FullName,
    string Role,
    DateTimeOffset CreatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? DisabledAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? LockedUntil,
    int Sessions)
{
    internal static UserDetails Of(User user, DateTimeOffset? lockedUntil, int sessions) => new(
        user.Id, user.UserName!, user.Email!, user.FullName, user.Role, user.CreatedAt, user.DisabledAt, lockedUntil, sessions);
}

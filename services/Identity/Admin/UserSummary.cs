using System.Text.Json.Serialization;
using KvAspire.Identity.Users;

namespace KvAspire.Identity.Admin;

/// <summary>A user as an administrator sees them.</summary>
/// <param name="UserId">The subject of the user's tokens.</param>
/// <param name="Username">As it was registered.</param>
/// <param name="Email">Unique without regard to case.</param>
/// <param name="FullName">The name that the person goes by.</param>
/// <param name="Role"><c>user</c> or <c>admin</c>.</param>
/// <param name="CreatedAt">When the person registered.</param>
/// <param name="DisabledAt">Since when the user may not sign in; null for one who may.</param>
public sealed record UserSummary(
    string UserId,
    string Username,
    string Email,
    string FullName,
    string Role,
    DateTimeOffset CreatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? DisabledAt);

/// <summary>A user as an administrator sees them, looked at alone.</summary>
/// <param name="UserId">The subject of the user's tokens.</param>
/// <param name="Username">As it was registered.</param>
/// <param name="Email">Unique without regard to case.</param>
/// <param name="FullName">The name that the person goes by.</param>
/// <param name="Role"><c>user</c> or <c>admin</c>.</param>
/// <param name="CreatedAt">When the person registered.</param>
/// <param name="DisabledAt">Since when the user may not sign in; null for one who may.</param>
/// <param name="LockedUntil">Until when some client has to wait before it may sign in as the user; null where none has.</param>
/// <param name="Sessions">How many sessions the user has.</param>
public sealed record UserDetails(
    string UserId,
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

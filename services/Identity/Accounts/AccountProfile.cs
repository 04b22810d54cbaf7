using System.Text.Json.Serialization;
using KvAspire.Identity.Users;

namespace KvAspire.Identity.Accounts;

/// <summary>An account as its user sees it.</summary>
/// <param name="UserId">The subject of the user's tokens.</param>
/// <param name="Username">The registered name; it cannot be changed.</param>
/// <param name="Email">The e-mail address, unique without regard to case.</param>
/// <param name="FullName">The user's full name.</param>
/// <param name="Age">The age in years; null where it was not given.</param>
/// <param name="Gender">The gender in the user's own words; null where it was not given.</param>
/// <param name="Role"><c>user</c> or <c>admin</c>.</param>
/// <param name="CreatedAt">The time of the registration.</param>
public sealed record AccountProfile(
    [property: Uuid] string UserId,
    string Username,
    string Email,
    string FullName,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Age,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Gender,
    string Role,
    DateTimeOffset CreatedAt)
{
    internal static AccountProfile Of(User user) =>
        new(user.Id, user.UserName!, user.Email!, user.FullName, user.Age, user.Gender, user.Role, user.CreatedAt);
}

using System.Text.Json.Serialization;

namespace KvAspire.Identity.Users;

/// <summary>A user as the registration returns them.</summary>
/// <param name="UserId">The subject of the user's tokens.</param>
/// <param name="Username">The registered name, unique without regard to case.</param>
/// <param name="Email">The e-mail address, unique without regard to case.</param>
/// <param name="FullName">The user's full name.</param>
/// <param name="Age">The age in years; null where it was not given.</param>
/// <param name="Gender">The gender in the user's own words; null where it was not given.</param>
public sealed record UserProfile(
    [property: Uuid] string UserId,
    string Username,
    string Email,
    string FullName,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Age,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Gender)
{
    internal static UserProfile Of(User user) => new(user.Id, user.UserName!, user.Email!, user.FullName, user.Age, user.Gender);
}

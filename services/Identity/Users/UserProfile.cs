using System.Text.Json.Serialization;

namespace KvAspire.Identity.Users;

/// <summary>A user as the API shows it to that user.</summary>
/// <param name="UserId">The subject of the user's tokens.</param>
/// <param name="Username">As it was registered; unique without regard to case.</param>
/// <param name="Email">As it was registered; unique without regard to case.</param>
/// <param name="FullName">The name that the person goes by.</param>
/// <param name="Age">In years; null where it was not given.</param>
/// <param name="Gender">In the person's own words; null where it was not given.</param>
public sealed record UserProfile(
    string UserId,
    string Username,
    string Email,
    string FullName,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Age,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Gender)
{
    internal static UserProfile Of(User user) => new(user.Id, user.UserName!, user.Email!, user.FullName, user.Age, user.Gender);
}

using Microsoft.AspNetCore.Identity;

namespace KvAspire.Identity.Users;

/// <summary>A person with an account. The id is a version 7 UUID (RFC 9562) as text, so that new rows lie together.</summary>
internal sealed class User : IdentityUser
{
    public required string FullName { get; set; }
    public int? Age { get; set; }

    /// <summary>The gender in the user's own words.</summary>
    public string? Gender { get; set; }

    /// <summary>The time of the registration.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>One of <see cref="UserRoles"/>.</summary>
    public string Role { get; set; } = UserRoles.User;

    /// <summary>Whether the password was made up for the user, who must change it before anything else.</summary>
    public bool MustChangePassword { get; set; }

    /// <summary>The time since when the user may not sign in; null where the user may.</summary>
    public DateTimeOffset? DisabledAt { get; set; }
}

using Microsoft.AspNetCore.Identity;

namespace KvAspire.Identity.Users;

/// <summary>A person who may sign in. The id is a version 7 UUID (RFC 9562) as text, so that new rows lie together.</summary>
internal sealed class User : IdentityUser
{
    /// <summary>The name that the person goes by.</summary>
    public required string FullName { get; set; }

    /// <summary>In years.</summary>
    public int? Age { get; set; }

    /// <summary>In the person's own words.</summary>
    public string? Gender { get; set; }

    /// <summary>When the person registered.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>One of <see cref="UserRoles"/>.</summary>
    public string Role { get; set; } = UserRoles.User;

    /// <summary>Since when the user may not sign in; null for one who may.</summary>
    public DateTimeOffset? DisabledAt { get; set; }
}

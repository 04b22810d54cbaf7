namespace KvAspire.Identity.Users;

/// <summary>The first administrator, made by the migration of a database that has none. Section <c>FirstAdmin</c>.</summary>
internal sealed class FirstAdminOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "FirstAdmin";

    /// <summary>The name to sign in with.</summary>
    public string Username { get; set; } = "admin";

    /// <summary>An address, which the administrator may change. By default one that RFC 2606 reserves.</summary>
    public string Email { get; set; } = "admin@kvaspire.invalid";

    /// <summary>The password; where none is given, one is made up and shown once.</summary>
    public string? Password { get; set; }
}

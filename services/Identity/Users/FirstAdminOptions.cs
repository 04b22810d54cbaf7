namespace KvAspire.Identity.Users;

/// <summary>The options of the first administrator, whom the migration creates. Section <c>FirstAdmin</c>.</summary>
internal sealed class FirstAdminOptions
{
    public const string Section = "FirstAdmin";

    public string Username { get; set; } = "admin";

    /// <summary>The e-mail address. The default is one that RFC 2606 reserves.</summary>
    public string Email { get; set; } = "admin@kvaspire.invalid";

    /// <summary>The password; where it is absent, a random one is generated and shown once.</summary>
    public string? Password { get; set; }
}

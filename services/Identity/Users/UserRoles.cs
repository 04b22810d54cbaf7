namespace KvAspire.Identity.Users;

/// <summary>What a user may do beyond their own entries.</summary>
internal static class UserRoles
{
    /// <summary>Nothing.</summary>
    public const string User = "user";

    /// <summary>Administers: tokens grant <c>kv:admin</c> as well.</summary>
    public const string Admin = "admin";
}

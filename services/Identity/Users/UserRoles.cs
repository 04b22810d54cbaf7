namespace KvAspire.Identity.Users;

internal static class UserRoles
{
    public const string User = "user";

    /// <summary>An administrator, whose tokens also grant <c>kv:admin</c>.</summary>
    public const string Admin = "admin";
}

namespace KvAspire.Identity.Audit;

/// <summary>What the audit log records. Append-only: people filter by these, and old rows keep them.</summary>
internal static class AuditKinds
{
    /// <summary>Somebody registered, or the first administrator was made.</summary>
    public const string UserRegistered = "user.registered";

    /// <summary>A sign-in with a password, whatever became of it.</summary>
    public const string SignIn = "user.sign_in";

    /// <summary>A user changed the profile.</summary>
    public const string ProfileChanged = "user.profile_changed";

    /// <summary>A user changed the password.</summary>
    public const string PasswordChanged = "user.password_changed";

    /// <summary>A user fetched everything that is held on them.</summary>
    public const string UserExported = "user.exported";

    /// <summary>The deletion of an account was recorded; from then on nobody signs in to it.</summary>
    public const string ErasureRecorded = "user.erasure_recorded";

    /// <summary>The deletion of an account came to its end: nothing of it is left.</summary>
    public const string UserErased = "user.erased";

    /// <summary>An administrator gave or took a role.</summary>
    public const string RoleChanged = "user.role_changed";

    /// <summary>An administrator disabled a user.</summary>
    public const string UserDisabled = "user.disabled";

    /// <summary>An administrator enabled a user.</summary>
    public const string UserEnabled = "user.enabled";

    /// <summary>An administrator lifted a lockout.</summary>
    public const string UserUnlocked = "user.unlocked";

    /// <summary>One session ended before its time.</summary>
    public const string SessionEnded = "session.ended";

    /// <summary>All sessions of a user ended before their time.</summary>
    public const string SessionsRevoked = "session.all_revoked";

    /// <summary>A refresh token was presented again after its grace: the session ended.</summary>
    public const string RefreshReused = "token.refresh_reused";

    /// <summary>A token was revoked (RFC 7009).</summary>
    public const string TokenRevoked = "token.revoked";

    /// <summary>A client asked for a token with wrong credentials, or got one.</summary>
    public const string ClientSignIn = "client.sign_in";

    /// <summary>A client was registered.</summary>
    public const string ClientCreated = "client.created";

    /// <summary>A client was changed.</summary>
    public const string ClientChanged = "client.changed";

    /// <summary>A client was removed.</summary>
    public const string ClientDeleted = "client.deleted";

    /// <summary>An API key was made.</summary>
    public const string ApiKeyCreated = "api_key.created";

    /// <summary>An API key was revoked.</summary>
    public const string ApiKeyRevoked = "api_key.revoked";

    /// <summary>The signing keys were rotated.</summary>
    public const string SigningKeyRotated = "signing_key.rotated";
}

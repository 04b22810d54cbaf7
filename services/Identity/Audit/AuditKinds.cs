namespace KvAspire.Identity.Audit;

/// <summary>The kinds of audit events. Append-only: users filter by them, and old rows keep them.</summary>
internal static class AuditKinds
{
    /// <summary>A user registered, or the migration made the first administrator.</summary>
    public const string UserRegistered = "user.registered";

    /// <summary>A sign-in with a password, successful or not.</summary>
    public const string SignIn = "user.sign_in";

    public const string ProfileChanged = "user.profile_changed";
    public const string PasswordChanged = "user.password_changed";
    public const string UserExported = "user.exported";

    /// <summary>A user or administrator deleted the account; its data is yet to be erased.</summary>
    public const string ErasureRecorded = "user.erasure_recorded";

    /// <summary>All data of the account is erased.</summary>
    public const string UserErased = "user.erased";

    public const string RoleChanged = "user.role_changed";
    public const string UserDisabled = "user.disabled";
    public const string UserEnabled = "user.enabled";

    /// <summary>An administrator lifted a lockout.</summary>
    public const string UserUnlocked = "user.unlocked";

    /// <summary>A session ended before its expiry.</summary>
    public const string SessionEnded = "session.ended";

    /// <summary>All sessions of a user ended before their expiry.</summary>
    public const string SessionsRevoked = "session.all_revoked";

    /// <summary>A used refresh token was presented within its grace from another address or by another user agent.</summary>
    public const string RefreshRepeated = "token.refresh_repeated";

    /// <summary>A used refresh token was presented after its grace, or by a second party, which ended the session.</summary>
    public const string RefreshReused = "token.refresh_reused";

    /// <summary>A client revoked a token (RFC 7009).</summary>
    public const string TokenRevoked = "token.revoked";

    /// <summary>A client authenticated for a token, successfully or not.</summary>
    public const string ClientSignIn = "client.sign_in";

    public const string ClientCreated = "client.created";
    public const string ClientChanged = "client.changed";
    public const string ClientDeleted = "client.deleted";

    /// <summary>All entries of a deleted client are erased.</summary>
    public const string ClientErased = "client.erased";
    public const string ApiKeyCreated = "api_key.created";
    public const string ApiKeyRevoked = "api_key.revoked";
    public const string SigningKeyRotated = "signing_key.rotated";
}

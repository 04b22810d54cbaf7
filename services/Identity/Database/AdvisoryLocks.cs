namespace KvAspire.Identity.Database;

/// <summary>The keys of the Postgres advisory locks that replicas take in <c>identitydb</c>. Each is taken by one place.</summary>
internal static class AdvisoryLocks
{
    /// <summary>Held while the schema is migrated.</summary>
    public const long Migration = 0x6B76_0001;

    /// <summary>Held while the set of signing keys is changed.</summary>
    public const long SigningKeys = 0x6B76_0002;

    /// <summary>Held while an administrator is taken away, so that one is left.</summary>
    public const long Administrators = 0x6B76_0003;
}

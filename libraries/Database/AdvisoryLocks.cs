namespace KvAspire.Database;

/// <summary>
/// The ids of all Postgres advisory locks. Replicas of different versions hold each other off by them: an id never changes and is
/// never used again. SQL that is stored in the database repeats the number.
/// </summary>
public static class AdvisoryLocks
{
    /// <summary><c>identitydb</c>: held while the schema is migrated.</summary>
    public const long IdentityMigration = 0x6B76_0001;

    /// <summary><c>identitydb</c>: held while the set of signing keys changes.</summary>
    public const long SigningKeys = 0x6B76_0002;

    /// <summary><c>identitydb</c>: held while an administrator loses the role, so that one is left.</summary>
    public const long Administrators = 0x6B76_0003;

    /// <summary><c>identitydb</c>: the seed of the hash of an account, of which one attempt to sign in is decided at a time.</summary>
    public const long SignIns = 0x6B76_0004;

    /// <summary><c>identitydb</c>: held while partitions of the audit log are added or dropped.</summary>
    public const long AuditPartitions = 0x6B76_0009;

    /// <summary><c>identitydb</c>: the first of two keys; the second is a hash of an audit event that is counted.</summary>
    public const int AuditRepetitions = 27512;

    /// <summary><c>datadb</c>: held while the schema is migrated.</summary>
    public const long DataMigration = 0x6B76_6461_7461; // "kvdata"

    /// <summary><c>datadb</c>: held while the change log is compacted.</summary>
    public const long Compaction = 0x6B76_636F_6D70; // "kvcomp"

    /// <summary><c>datadb</c>: the first of two keys; the second is a stripe of owners, whose writes are serialized.</summary>
    public const int OwnerStripes = 27510;

    /// <summary><c>datadb</c>: the seed of the hash of an owner and an idempotency key, of which one request runs at a time.</summary>
    public const int IdempotencyKeys = 27511;
}

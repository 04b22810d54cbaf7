using KvAspire.ServiceDefaults.Batches;

namespace KvAspire.Data.Entries;

/// <summary>What the store found.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="IsLive">Whether there is one for the user.</param>
/// <param name="CacheStatus">How the cache took part, as the header of that name says it (RFC 9211).</param>
internal readonly record struct EntryRead(EntryImage Entry, bool IsLive, string CacheStatus)
{
    /// <summary>The cache had it.</summary>
    public const string Hit = ReadAnswers.CacheStatus;

    /// <summary>The cache had nothing to serve, and does not have it now.</summary>
    public const string Miss = "kvaspire; fwd=miss";

    /// <summary>The cache had nothing to serve, and has it now.</summary>
    public const string MissStored = "kvaspire; fwd=miss; stored";

    /// <summary>The cache did not answer, or could not be trusted.</summary>
    public const string Bypass = "kvaspire; fwd=bypass";

    /// <summary>The client asked for it.</summary>
    public const string Request = "kvaspire; fwd=request";
}

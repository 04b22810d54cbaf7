using KvAspire.Data.Cache;
using KvAspire.GatewayProtocol;

namespace KvAspire.Data.Entries;

/// <summary>The outcome of a read, with the value of the header <c>Cache-Status</c> (RFC 9211).</summary>
internal readonly record struct EntryRead(EntryImage Entry, bool IsLive, string CacheStatus)
{
    /// <summary>The cache had the entry.</summary>
    public const string Hit = ReadAnswers.CacheStatus;

    /// <summary>The cache did not have the entry, and still does not.</summary>
    public const string Miss = "kvaspire; fwd=miss";

    /// <summary>The cache did not have the entry, and has it now.</summary>
    public const string MissStored = "kvaspire; fwd=miss; stored";

    /// <summary>Redis did not answer, or the cache was not trusted.</summary>
    public const string Bypass = "kvaspire; fwd=bypass";

    /// <summary>The client asked to read past the cache.</summary>
    public const string Request = "kvaspire; fwd=request";
}

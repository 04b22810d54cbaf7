using StackExchange.Redis;

namespace KvAspire.Data.Entries;

/// <summary>What hides entries while a writer changes them.</summary>
/// <param name="ids">The entries, each once.</param>
/// <param name="keys">Their names in the cache.</param>
/// <param name="token">Tells this writer's from those of others, who may hide the same entries.</param>
internal sealed class Veil(EntryId[] ids, RedisKey[] keys, string token)
{
    /// <summary>The entries, each once.</summary>
    public EntryId[] Ids => ids;

    /// <summary>Their names in the cache.</summary>
    public RedisKey[] Keys => keys;

    /// <summary>Tells this writer's from those of others.</summary>
    public string Token => token;

    /// <summary>Redis did not take it: instead nobody serves from the cache.</summary>
    public bool IsHeld { get; set; }
}

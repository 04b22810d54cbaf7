using System.Globalization;

namespace KvAspire.Data.Entries;

/// <summary>
/// What is done in Redis, one step each: Redis runs nothing else meanwhile. A <em>lease</em> is a marker followed by a token;
/// one of revision 0 stands for nothing. A <em>veil</em> is a header of the kind V followed by a token: it hides an entry
/// while a transaction on it is being committed.
/// </summary>
internal static class CacheScripts
{
    /// <summary>How long a token is.</summary>
    public const int TokenLength = 16;

    private const int LeaseLength = EntryImage.HeaderLength + TokenLength;
    private const string Nothing = "0000000000000000000";

    /// <summary>
    /// Takes a lease on a key of which nothing is known; else answers with what is there. KEYS: the key. ARGV: token,
    /// milliseconds.
    /// </summary>
    public static readonly string Lease = string.Create(CultureInfo.InvariantCulture,
        $"""
        local present = redis.call('GET', KEYS[1])
        if present and not (#present == {EntryImage.HeaderLength} and string.sub(present, {EntryImage.HeaderLength}) == '0') then return present end
        local lease = (present or '{Nothing}0') .. ARGV[1]
        redis.call('SET', KEYS[1], lease, 'PX', ARGV[2])
        return lease
        """);

    /// <summary>
    /// Sets images. KEYS: the keys. ARGV: milliseconds to live, then for each key its image and the lease that the writer
    /// holds, or nothing. An image replaces that lease, or an older image. It never enters where nothing is known, for
    /// something newer may have been there and been forgotten; and it ends the leases of readers who may have read
    /// something older. Returns how many were set.
    /// </summary>
    public static readonly string Set = string.Create(CultureInfo.InvariantCulture,
        $"""
        local set = 0
        for i = 1, #KEYS do
            local image, lease = ARGV[2 * i], ARGV[2 * i + 1]
            local present = redis.call('GETRANGE', KEYS[i], 0, {LeaseLength - 1})
            local header = string.sub(present, 1, {EntryImage.HeaderLength})
            if lease ~= '' and present == lease then
                redis.call('SET', KEYS[i], image, 'PX', ARGV[1])
                set = set + 1
            elseif present ~= '' and string.sub(header, {EntryImage.HeaderLength}) ~= 'V' and header < string.sub(image, 1, {EntryImage.HeaderLength}) then
                if header == '{Nothing}0' then
                    redis.call('DEL', KEYS[i])
                else
                    redis.call('SET', KEYS[i], image, 'PX', ARGV[1])
                    set = set + 1
                end
            end
        end
        return set
        """);

    /// <summary>Hides keys. KEYS: the keys. ARGV: token, milliseconds.</summary>
    public const string Veil =
        $"""
        for i = 1, #KEYS do redis.call('SET', KEYS[i], '{Nothing}V' .. ARGV[1], 'PX', ARGV[2]) end
        return #KEYS
        """;

    /// <summary>
    /// Ends the hiding of all keys at once. KEYS: the keys. ARGV: token, milliseconds to live, then for each key its image,
    /// for where the veil was lost. Nothing is set in place of a veil: whose commit came last is not known.
    /// </summary>
    public static readonly string Reveal = string.Create(CultureInfo.InvariantCulture,
        $"""
        for i = 1, #KEYS do
            local image = ARGV[i + 2]
            local present = redis.call('GETRANGE', KEYS[i], 0, {LeaseLength - 1})
            local header = string.sub(present, 1, {EntryImage.HeaderLength})
            if present == '{Nothing}V' .. ARGV[1] or header == '{Nothing}0' then
                redis.call('DEL', KEYS[i])
            elseif present ~= '' and string.sub(header, {EntryImage.HeaderLength}) ~= 'V' and header < string.sub(image, 1, {EntryImage.HeaderLength}) then
                redis.call('SET', KEYS[i], image, 'PX', ARGV[2])
            end
        end
        return #KEYS
        """);
}

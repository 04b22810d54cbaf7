using System.Globalization;

namespace KvAspire.Data.Entries;

/// <summary>
/// What is done in Redis, one step each: Redis runs nothing else meanwhile. A <em>lease</em> is a header of the kind 0,
/// followed by a token. A <em>veil</em> is one of the kind V, followed by tokens of writers, each with the moment from which
/// on its writer has to be given up, by the clock of Redis; its revision is the largest that is known of the entry.
/// </summary>
internal static class CacheScripts
{
    /// <summary>How long a token is.</summary>
    public const int TokenLength = 16;

    // Milliseconds since 1970.
    private const int MomentLength = 13;
    private const int PartLength = TokenLength + MomentLength;
    private const int LeaseLength = EntryImage.HeaderLength + TokenLength;
    private const string Nothing = "0000000000000000000";

    // Larger than any: what is published after it is never the last word.
    private const string Unknowable = "9223372036854775807";

    /// <summary>
    /// Takes a lease on a key of which nothing is known; else answers with what is there. KEYS: the key. ARGV: token,
    /// milliseconds.
    /// </summary>
    public const string Lease =
        $"""
        local present = redis.call('GET', KEYS[1])
        if present then return present end
        local lease = '{Nothing}0' .. ARGV[1]
        redis.call('SET', KEYS[1], lease, 'PX', ARGV[2])
        return lease
        """;

    /// <summary>
    /// Tells what a reader found in Postgres. KEYS: the key. ARGV: its image, or only the header of it; the lease that the
    /// reader holds, or nothing; milliseconds to live. The image is set in place of that very lease. Otherwise it ends
    /// whatever may be older than it. Returns whether it was set.
    /// </summary>
    public static readonly string Fill = string.Create(CultureInfo.InvariantCulture,
        $"""
        local present = redis.call('GETRANGE', KEYS[1], 0, {LeaseLength - 1})
        if present == '' then return 0 end
        if present == ARGV[2] then
            redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
            return 1
        end
        local kind, revision = string.sub(present, {EntryImage.HeaderLength}, {EntryImage.HeaderLength}), string.sub(ARGV[1], 1, {EntryImage.HeaderLength - 1})
        if kind == '0' then
            redis.call('DEL', KEYS[1])
        elseif string.sub(present, 1, {EntryImage.HeaderLength - 1}) < revision then
            if kind == 'V' then redis.call('SETRANGE', KEYS[1], 0, revision) else redis.call('DEL', KEYS[1]) end
        end
        return 0
        """);

    /// <summary>
    /// Hides keys, until as many writers have lifted the veil as have set it. KEYS: the keys. ARGV: token, milliseconds.
    /// </summary>
    /// <remarks>
    /// A writer whose moment has passed has died. What became of its change nobody will tell: so nothing may be set in place
    /// of the veil any more, by writers who were under way at the same time as it.
    /// </remarks>
    public static readonly string Veil = string.Create(CultureInfo.InvariantCulture,
        $"""
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local mine = ARGV[1] .. string.format('%.0f', now + ARGV[2])
        now = string.format('%.0f', now)
        for i = 1, #KEYS do
            local present = redis.call('GETRANGE', KEYS[i], 0, {EntryImage.HeaderLength - 1})
            local revision, others = '{Nothing}', ''
            if present ~= '' then revision = string.sub(present, 1, {EntryImage.HeaderLength - 1}) end
            if string.sub(present, {EntryImage.HeaderLength}) == 'V' then
                present = redis.call('GET', KEYS[i])
                for at = {EntryImage.HeaderLength + 1}, #present, {PartLength} do
                    local part = string.sub(present, at, at + {PartLength - 1})
                    if string.sub(part, 1, {TokenLength}) == ARGV[1] then
                    elseif string.sub(part, {TokenLength + 1}) > now then others = others .. part
                    else revision = '{Unknowable}' end
                end
            end
            redis.call('SET', KEYS[i], revision .. 'V' .. others .. mine, 'PX', ARGV[2])
        end
        return #KEYS
        """);

    /// <summary>
    /// Ends a writer's hiding of keys. KEYS: the keys. ARGV: token, milliseconds to live, then for each key the image of what
    /// it stored, or a header of the kind 0 and the revision that it met. Returns how many images were set.
    /// </summary>
    /// <remarks>
    /// 1. While others hide the key it stays hidden, and the largest revision is kept.
    /// 2. The last one sets its image, if no newer revision is known: for nothing else can have been stored since.
    /// 3. Where its veil was lost, it sets nothing, and ends whatever may be older.
    /// </remarks>
    public static readonly string Lift = string.Create(CultureInfo.InvariantCulture,
        $"""
        local set, now = 0, nil
        for i = 1, #KEYS do
            local image = ARGV[i + 2]
            local revision = string.sub(image, 1, {EntryImage.HeaderLength - 1})
            local present = redis.call('GET', KEYS[i])
            if present then
                local known, kind = string.sub(present, 1, {EntryImage.HeaderLength - 1}), string.sub(present, {EntryImage.HeaderLength}, {EntryImage.HeaderLength})
                if kind == 'V' then
                    local isMine, others = false, ''
                    for at = {EntryImage.HeaderLength + 1}, #present, {PartLength} do
                        local part = string.sub(present, at, at + {PartLength - 1})
                        if string.sub(part, 1, {TokenLength}) == ARGV[1] then
                            isMine = true
                        else
                            if not now then
                                local time = redis.call('TIME')
                                now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
                            end
                            if string.sub(part, {TokenLength + 1}) > now then others = others .. part else known = '{Unknowable}' end
                        end
                    end
                    if known < revision then known = revision end
                    if others ~= '' then
                        redis.call('SET', KEYS[i], known .. 'V' .. others, 'KEEPTTL')
                    elseif isMine and known == revision and string.sub(image, {EntryImage.HeaderLength}, {EntryImage.HeaderLength}) ~= '0' then
                        redis.call('SET', KEYS[i], image, 'PX', ARGV[2])
                        set = set + 1
                    else
                        redis.call('DEL', KEYS[i])
                    end
                elseif kind == '0' or known < revision then
                    redis.call('DEL', KEYS[i])
                end
            end
        end
        return set
        """);
}

using System.Globalization;

namespace KvAspire.Data.Cache;

/// <summary>
/// The scripts of the cache protocol (docs/explanations/cache.md). Redis runs each of them atomically. A <em>lease</em> is a header of kind
/// 0 and a token. A <em>veil</em> is a header of kind V and a token for each writer, each with the time (of the clock of Redis)
/// at which its writer counts as dead. The revision of a veil is the largest that is known of the entry.
/// </summary>
internal static class CacheScripts
{
    public const int TokenLength = 16;

    // Milliseconds since 1970.
    private const int MomentLength = 13;
    private const int PartLength = TokenLength + MomentLength;
    private const int LeaseLength = EntryImage.HeaderLength + TokenLength;
    private const string Nothing = "0000000000000000000";

    private const int VeilOfOneLength = EntryImage.HeaderLength + PartLength;

    // Kinds as string.byte returns them: comparing bytes allocates no strings.
    private const int NoKind = '0';
    private const int VeilKind = 'V';

    // Values are read by MGET in groups of this size: one command for each value costs Redis more than most values. Larger
    // groups might need too much memory, since all values of a group are in memory at once.
    private const int AtOnce = 32;

    // The first few values tell how large the others will be.
    private const int AtFirst = 4;

    // From about this size on, in bytes, one GETRANGE of the header for each key is cheaper than MGET.
    private const int Large = 512;

    // Larger than any revision. An image that is set over it is never the last word.
    private const string Unknowable = "9223372036854775807";

    /// <summary>
    /// Takes a lease on a key if the key is missing, else returns its value. KEYS: the key. ARGV: token, milliseconds.
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
    /// Tells the cache what a reader found in Postgres. KEYS: the key. ARGV: the image, or its header alone; the lease of the
    /// reader, or an empty string; milliseconds to live. Replaces this very lease by the image. Without it, removes what may be
    /// older than the image. Returns whether the image was set.
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
    /// Veils keys, until each writer that veiled them has lifted its veil. KEYS: the keys. ARGV: token, milliseconds.
    /// </summary>
    /// <remarks>
    /// A writer whose time has passed is dead, and the outcome of its change is unknown. So no writer that ran at the same time
    /// may set an image in place of the veil.
    /// </remarks>
    public static readonly string Veil = string.Create(CultureInfo.InvariantCulture,
        $"""
        local call, sub, byte = redis.call, string.sub, string.byte
        local time = call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local mine = ARGV[1] .. string.format('%.0f', now + ARGV[2])
        local overNothing = '{Nothing}V' .. mine
        local areSmall, first, last = #KEYS > 1, 1, math.min(#KEYS, {AtFirst})
        while first <= #KEYS do
            local found, bytes = nil, 0
            if areSmall then found = call('MGET', unpack(KEYS, first, last)) end
            for i = first, last do
                local key, veil, present = KEYS[i], overNothing, nil
                if found then
                    present = found[i - first + 1] or ''
                    bytes = bytes + #present
                else
                    present = call('GETRANGE', key, 0, {EntryImage.HeaderLength - 1})
                    if byte(present, {EntryImage.HeaderLength}) == {VeilKind} then present = call('GET', key) end
                end
                if present ~= '' then
                    local revision, others = sub(present, 1, {EntryImage.HeaderLength - 1}), ''
                    if byte(present, {EntryImage.HeaderLength}) == {VeilKind} then
                        for at = {EntryImage.HeaderLength + 1}, #present, {PartLength} do
                            local part = sub(present, at, at + {PartLength - 1})
                            if sub(part, 1, {TokenLength}) == ARGV[1] then
                            elseif tonumber(sub(part, {TokenLength + 1})) > now then others = others .. part
                            else revision = '{Unknowable}' end
                        end
                    end
                    veil = revision .. 'V' .. others .. mine
                end
                call('SET', key, veil, 'PX', ARGV[2])
            end
            areSmall = areSmall and bytes < (last - first + 1) * {Large}
            first, last = last + 1, math.min(#KEYS, last + {AtOnce})
        end
        return #KEYS
        """);

    /// <summary>
    /// Lifts the veil of one writer. KEYS: the keys. ARGV: token, milliseconds to live, then for each key the image that the
    /// writer stored, or a header of kind 0 with the revision that it met. Returns how many images were set.
    /// </summary>
    /// <remarks>
    /// 1. While other writers veil the key, it stays veiled and keeps the largest revision.
    /// 2. The last writer sets its image if no newer revision is known, since then no other change can have been stored.
    /// 3. If its veil was lost, the writer sets no image and removes what may be older.
    /// In most cases the writer is alone and no newer revision is known. One comparison finds that without parsing the veil: as
    /// text, a veil is less than the image if its revision, the first part of both, is smaller.
    /// </remarks>
    public static readonly string Lift = string.Create(CultureInfo.InvariantCulture,
        $"""
        local call, sub, byte = redis.call, string.sub, string.byte
        local token, set, now = ARGV[1], 0, nil
        for first = 1, #KEYS, {AtOnce} do
            local found = call('MGET', unpack(KEYS, first, math.min(#KEYS, first + {AtOnce - 1})))
            for i = 1, #found do
                local key, image, present = KEYS[first + i - 1], ARGV[first + i + 1], found[i]
                if not present then
                    -- lost
                elseif #present == {VeilOfOneLength} and present < image and byte(present, {EntryImage.HeaderLength}) == {VeilKind}
                    and sub(present, {EntryImage.HeaderLength + 1}, {EntryImage.HeaderLength + TokenLength}) == token and byte(image, {EntryImage.HeaderLength}) ~= {NoKind} then
                    call('SET', key, image, 'PX', ARGV[2])
                    set = set + 1
                else
                    local known, revision = sub(present, 1, {EntryImage.HeaderLength - 1}), sub(image, 1, {EntryImage.HeaderLength - 1})
                    local kind = byte(present, {EntryImage.HeaderLength})
                    if kind ~= {VeilKind} then
                        if kind == {NoKind} or known < revision then call('DEL', key) end
                    else
                        local isMine, others = false, ''
                        for at = {EntryImage.HeaderLength + 1}, #present, {PartLength} do
                            local part = sub(present, at, at + {PartLength - 1})
                            if sub(part, 1, {TokenLength}) == token then
                                isMine = true
                            else
                                if not now then
                                    local time = call('TIME')
                                    now = time[1] * 1000 + math.floor(time[2] / 1000)
                                end
                                if tonumber(sub(part, {TokenLength + 1})) > now then others = others .. part else known = '{Unknowable}' end
                            end
                        end
                        if known < revision then known = revision end
                        if others ~= '' then
                            call('SET', key, known .. 'V' .. others, 'KEEPTTL')
                        elseif isMine and known == revision and byte(image, {EntryImage.HeaderLength}) ~= {NoKind} then
                            call('SET', key, image, 'PX', ARGV[2])
                            set = set + 1
                        else
                            call('DEL', key)
                        end
                    end
                end
            end
        end
        return set
        """);
}

using System.Text.Json;

namespace KvAspire.Client;

/// <summary>An entry.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
/// <param name="Revision">Its revision, which grows with every change: what <c>IfMatch</c> demands.</param>
/// <param name="Metadata">A JSON object of the user's own, where there is some.</param>
/// <param name="ExpiresAt">When it will be gone, where it has a time to live.</param>
public sealed record KvEntry<T>(string Key, T Value, long Revision, JsonElement? Metadata, DateTimeOffset? ExpiresAt);

/// <summary>What became of a write.</summary>
/// <param name="Revision">The revision that it made; 0 for a deletion.</param>
/// <param name="Created">Whether the key was not there before.</param>
public sealed record KvWritten(long Revision, bool Created);

/// <summary>How a write is to be done.</summary>
public sealed record KvWrite
{
    /// <summary>For how long the entry lives, in whole seconds; either this or <see cref="ExpiresAt"/>.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>When the entry will be gone.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>A JSON object of at most 4 KiB, kept beside the value.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>The revision that the entry must have.</summary>
    public long? IfMatch { get; init; }

    /// <summary>Whether the entry must be there, or must not.</summary>
    public bool? IfExists { get; init; }

    /// <summary>For creations and additions: what makes them repeatable. By default the client makes one up for each call.</summary>
    public string? IdempotencyKey { get; init; }
}

/// <summary>A page of a list.</summary>
/// <param name="Items">The entries of this page.</param>
/// <param name="Prefixes">The folders of this page, where a delimiter was given.</param>
/// <param name="Cursor">Where to go on; null at the end.</param>
public sealed record KvPage<T>(IReadOnlyList<KvEntry<T?>> Items, IReadOnlyList<string> Prefixes, string? Cursor);

/// <summary>What to list.</summary>
public sealed record KvList
{
    /// <summary>What the keys begin with.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>What ends a folder's name; null to list every key.</summary>
    public string? Delimiter { get; init; }

    /// <summary>How much a page has at most: 1 to 1000.</summary>
    public int PageSize { get; init; } = 100;

    /// <summary>Whether entries bear their values.</summary>
    public bool WithValues { get; init; } = true;

    /// <summary>Whether entries bear their metadata.</summary>
    public bool WithMetadata { get; init; }

    /// <summary>Where to go on.</summary>
    public string? Cursor { get; init; }
}

/// <summary>An operation of <c>BulkAsync</c> or <c>TransactAsync</c>.</summary>
public sealed record KvOperation
{
    private KvOperation(string op, string key) => (Op, Key) = (op, key);

    /// <summary>The key.</summary>
    public string Key { get; }

    internal string Op { get; }

    internal byte[]? Value { get; private init; }

    internal KvWrite? Write { get; private init; }

    /// <summary>Reads; not in a transaction.</summary>
    public static KvOperation Get(string key) => new("get", key);

    /// <summary>Stores, whether or not the key is there.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value as JSON in UTF-8, which <c>JsonSerializer.SerializeToUtf8Bytes</c> makes.</param>
    /// <param name="write">How.</param>
    public static KvOperation Put(string key, byte[] value, KvWrite? write = null) => new("put", key) { Value = value, Write = write };

    /// <summary>Stores under a key that must not be there.</summary>
    /// <inheritdoc cref="Put"/>
    public static KvOperation Create(string key, byte[] value, KvWrite? write = null) => new("create", key) { Value = value, Write = write };

    /// <summary>Deletes.</summary>
    public static KvOperation Delete(string key, long? ifMatch = null) => new("delete", key) { Write = new() { IfMatch = ifMatch } };

    internal void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("op", Op);
        json.WriteString("key", Key);
        KvClient.WriteContent(json, Value, Write);
        if (Write?.IfMatch is { } revision)
            json.WriteNumber("if_match", revision);
        json.WriteEndObject();
    }
}

/// <summary>What must hold for a transaction.</summary>
/// <param name="Key">The key.</param>
/// <param name="Revision">The revision that the entry must have.</param>
/// <param name="Exists">Whether the entry must be there; where there is no revision.</param>
public sealed record KvCheck(string Key, long? Revision = null, bool? Exists = null);

/// <summary>What became of an operation.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Status">The status that it would have had as a request of its own.</param>
/// <param name="Revision">The revision that it made or read.</param>
/// <param name="Value">What it read.</param>
/// <param name="Code">Why it failed; null where it did not.</param>
/// <param name="Message">The same for people.</param>
public sealed record KvOutcome(string? Key, int Status, long? Revision, JsonElement? Value, string? Code, string? Message)
{
    /// <summary>Whether it was done.</summary>
    public bool Succeeded => Code is null;
}

/// <summary>What is used, and what is allowed.</summary>
/// <param name="Keys">Keys that are used.</param>
/// <param name="AllowedKeys">Keys that are allowed; null for any number.</param>
/// <param name="Bytes">Bytes that are used.</param>
/// <param name="AllowedBytes">Bytes that are allowed; null for any number.</param>
public sealed record KvUsage(long Keys, long? AllowedKeys, long Bytes, long? AllowedBytes);

/// <summary>What a change did.</summary>
public enum KvChangeKind
{
    /// <summary>It stored a value.</summary>
    Put,

    /// <summary>It deleted the key.</summary>
    Delete,
}

/// <summary>A change as a watch tells it.</summary>
/// <param name="Kind">What it did.</param>
/// <param name="Key">The key.</param>
/// <param name="Revision">Its revision.</param>
/// <param name="Value">What it stored; default for a deletion.</param>
/// <param name="Metadata">Likewise.</param>
/// <param name="ExpiresAt">Until when.</param>
public sealed record KvChange<T>(KvChangeKind Kind, string Key, long Revision, T? Value, JsonElement? Metadata, DateTimeOffset? ExpiresAt);

/// <summary>A change in a key's history.</summary>
/// <param name="Kind">What it did.</param>
/// <param name="Revision">Its revision.</param>
/// <param name="Time">When it was made.</param>
/// <param name="Actor">The user, client or API key that made it.</param>
/// <param name="TraceId">The trace id of the request that made it.</param>
/// <param name="Value">What it stored; default for a deletion.</param>
public sealed record KvRevision<T>(KvChangeKind Kind, long Revision, DateTimeOffset Time, string? Actor, string? TraceId, T? Value);

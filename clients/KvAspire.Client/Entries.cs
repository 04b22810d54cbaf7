using System.Text.Json;

namespace KvAspire.Client;

/// <summary>An entry.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
/// <param name="Revision">The revision, which grows with every change; the value for <c>IfMatch</c>.</param>
/// <param name="Metadata">The user's JSON object beside the value, if any.</param>
/// <param name="ExpiresAt">When the entry expires, if it has a time to live.</param>
public sealed record KvEntry<T>(string Key, T Value, long Revision, JsonElement? Metadata, DateTimeOffset? ExpiresAt);

/// <summary>The result of a write.</summary>
/// <param name="Revision">The new revision; 0 for a deletion.</param>
/// <param name="Created">Whether the key is new.</param>
public sealed record KvWritten(long Revision, bool Created);

/// <summary>Options and conditions of a write.</summary>
public sealed record KvWrite
{
    /// <summary>The time to live in whole seconds; either this or <see cref="ExpiresAt"/>.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>When the entry expires.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>A JSON object of at most 4 KiB, stored beside the value.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>The revision that the entry must have.</summary>
    public long? IfMatch { get; init; }

    /// <summary>True: the entry must exist. False: it must not.</summary>
    public bool? IfExists { get; init; }

    /// <summary>
    /// Makes a write repeatable. By default the client generates one for each creation, and none for other writes, which it then
    /// repeats after 429 only.
    /// </summary>
    public string? IdempotencyKey { get; init; }
}

/// <summary>A page of a list.</summary>
/// <param name="Items">The entries of this page.</param>
/// <param name="Prefixes">The folders of this page, with a delimiter.</param>
/// <param name="Cursor">The start of the next page; null at the end.</param>
public sealed record KvPage<T>(IReadOnlyList<KvEntry<T?>> Items, IReadOnlyList<string> Prefixes, string? Cursor);

/// <summary>Options of a list.</summary>
public sealed record KvList
{
    /// <summary>The prefix of the keys.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The end of a folder's name; null to list every key.</summary>
    public string? Delimiter { get; init; }

    /// <summary>The maximum number of items on a page, 1 to 1000.</summary>
    public int PageSize { get; init; } = 100;

    /// <summary>Whether to read values.</summary>
    public bool WithValues { get; init; } = true;

    /// <summary>Whether to read metadata.</summary>
    public bool WithMetadata { get; init; }

    /// <summary>The cursor of an earlier page.</summary>
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

    /// <summary>Reads an entry; not in a transaction.</summary>
    public static KvOperation Get(string key) => new("get", key);

    /// <summary>Stores a value under a new or existing key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value as JSON in UTF-8, as <c>JsonSerializer.SerializeToUtf8Bytes</c> returns it.</param>
    /// <param name="write">Options and conditions.</param>
    public static KvOperation Set(string key, byte[] value, KvWrite? write = null) => new("put", key) { Value = value, Write = write };

    /// <summary>Stores a value under a new key.</summary>
    /// <inheritdoc cref="Set"/>
    public static KvOperation Create(string key, byte[] value, KvWrite? write = null) => new("create", key) { Value = value, Write = write };

    /// <summary>Deletes an entry.</summary>
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

/// <summary>A condition of a transaction.</summary>
/// <param name="Key">The key.</param>
/// <param name="Revision">The revision that the entry must have.</param>
/// <param name="Exists">Without a revision: whether the entry must exist.</param>
public sealed record KvCheck(string Key, long? Revision = null, bool? Exists = null);

/// <summary>The result of an operation.</summary>
/// <param name="Key">The key.</param>
/// <param name="Status">The HTTP status that the operation has as a request of its own.</param>
/// <param name="Revision">The revision that was written or read.</param>
/// <param name="Value">The value that was read.</param>
/// <param name="Code">The error code; null after a success.</param>
/// <param name="Message">The error message.</param>
public sealed record KvOutcome(string? Key, int Status, long? Revision, JsonElement? Value, string? Code, string? Message)
{
    /// <summary>Whether the operation succeeded.</summary>
    public bool Succeeded => Code is null;
}

/// <summary>The usage and the quota.</summary>
/// <param name="Keys">Used keys.</param>
/// <param name="AllowedKeys">Allowed keys; null without a limit.</param>
/// <param name="Bytes">Used bytes.</param>
/// <param name="AllowedBytes">Allowed bytes; null without a limit.</param>
public sealed record KvUsage(long Keys, long? AllowedKeys, long Bytes, long? AllowedBytes);

/// <summary>The kind of a change.</summary>
public enum KvChangeKind
{
    /// <summary>A value was stored.</summary>
    Put,

    /// <summary>The key was deleted.</summary>
    Delete,
}

/// <summary>A change in a watch.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Key">The key.</param>
/// <param name="Revision">The revision.</param>
/// <param name="Value">The new value; default for a deletion.</param>
/// <param name="Metadata">The new metadata, if any.</param>
/// <param name="ExpiresAt">When the entry expires, if it has a time to live.</param>
public sealed record KvChange<T>(KvChangeKind Kind, string Key, long Revision, T? Value, JsonElement? Metadata, DateTimeOffset? ExpiresAt);

/// <summary>A change in a key's history.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Revision">The revision.</param>
/// <param name="Time">The time of the change.</param>
/// <param name="Actor">The user, client or API key that made the change.</param>
/// <param name="TraceId">The trace id of the request.</param>
/// <param name="Value">The new value; default for a deletion.</param>
public sealed record KvRevision<T>(KvChangeKind Kind, long Revision, DateTimeOffset Time, string? Actor, string? TraceId, T? Value);

using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace KvAspire.Client;

public partial class KvClient
{
    /// <summary>Lists entries in byte order of their keys, and reads page after page as needed.</summary>
    public virtual async IAsyncEnumerable<KvEntry<T?>> ListAsync<T>(
        KvList? list = null, JsonTypeInfo<T>? type = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var next = list ?? new();
        while (true)
        {
            var page = await ListPageAsync(next, type, cancellationToken).ConfigureAwait(false);
            foreach (var item in page.Items)
                yield return item;
            if (page.Cursor is null)
                yield break;

            next = next with { Cursor = page.Cursor };
        }
    }

    /// <summary>Reads one page of entries and folders.</summary>
    public virtual async Task<KvPage<T>> ListPageAsync<T>(KvList list, JsonTypeInfo<T>? type = null, CancellationToken cancellationToken = default)
    {
        string?[] include = [list.WithValues ? "value" : null, list.WithMetadata ? "metadata" : null];
        var query = string.Create(CultureInfo.InvariantCulture, $"limit={list.PageSize}&prefix={Uri.EscapeDataString(list.Prefix)}")
            + $"&include={string.Join(',', include.Where(name => name is not null))}"
            + (list.Delimiter is { } delimiter ? $"&delimiter={Uri.EscapeDataString(delimiter)}" : "")
            + (list.Cursor is { } cursor ? $"&cursor={Uri.EscapeDataString(cursor)}" : "");
        using var body = await ReadJsonAsync("list", $"api/data?{query}", cancellationToken).ConfigureAwait(false);
        var data = body.RootElement.GetProperty("data");
        return new(
            [.. data.GetProperty("items").EnumerateArray().Select(item => Entry(item, item.GetProperty("revision").GetInt64(), type))],
            [.. data.GetProperty("prefixes").EnumerateArray().Select(prefix => prefix.GetString()!)],
            data.GetProperty("cursor").GetString());
    }

    /// <summary>Reads the history of a key, newest change first, page after page as needed.</summary>
    public virtual async IAsyncEnumerable<KvRevision<T>> RevisionsAsync<T>(
        string key, JsonTypeInfo<T>? type = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? cursor = null;
        do
        {
            var query = $"key={Uri.EscapeDataString(key)}" + (cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}");
            using var body = await ReadJsonAsync("revisions", $"api/revisions?{query}", cancellationToken).ConfigureAwait(false);
            var data = body.RootElement.GetProperty("data");
            foreach (var change in data.GetProperty("revisions").EnumerateArray())
            {
                yield return new(
                    Kind(change.GetProperty("kind").GetString()), change.GetProperty("revision").GetInt64(), change.GetProperty("time").GetDateTimeOffset(),
                    Text(change, "actor"), Text(change, "trace_id"), values.Read(key, change, type));
            }

            cursor = data.GetProperty("cursor").GetString();
        }
        while (cursor is not null);
    }

    /// <summary>Stores the value of an earlier revision again.</summary>
    /// <exception cref="KvRevisionCompactedException">The history no longer contains the revision.</exception>
    public virtual async Task<KvWritten> RestoreAsync(string key, long revision, string? idempotencyKey = null, CancellationToken cancellationToken = default)
    {
        using var response = await PostAsync("restore", "api/revisions/restore", idempotencyKey, json =>
        {
            json.WriteString("key", key);
            json.WriteNumber("revision", revision);
        }, cancellationToken).ConfigureAwait(false);
        return new(Revision(response), Created: false);
    }

    private static KvChangeKind Kind(string? name) => name is "delete" ? KvChangeKind.Delete : KvChangeKind.Put;
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace KvAspire.Data.Changes.Watch;

/// <summary>
/// Passes on news of committed changes from writers to watchers: at once on this replica, and through <see
/// cref="ChangeNotifier"/> on the others. News is only a hint. A watcher that misses it finds the change a second later (<see
/// cref="ChangePoll"/>), and always reads what it sends from the change log.
/// </summary>
internal sealed class ChangeNews(WatchedOwners watched)
{
    // News beyond this is left to the poll.
    private const int Capacity = 10_000;

    // Postgres allows 8,000 bytes.
    private const int MaxPayload = 7_500;

    private readonly ConcurrentDictionary<string, long> unsent = new();
    private readonly Channel<bool> any = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Records that an owner's changes up to a revision are committed. Never blocks, never fails.</summary>
    public void Committed(string owner, long revision)
    {
        watched.Advance(owner, revision);
        if (unsent.Count >= Capacity)
            return;

        unsent.AddOrUpdate(owner, static (_, mine) => mine, static (_, present, mine) => Math.Max(present, mine), revision);
        any.Writer.TryWrite(true);
    }

    public async Task AnyAsync(CancellationToken cancellationToken) => await any.Reader.ReadAsync(cancellationToken);

    /// <summary>Takes all news, as the texts of notifications.</summary>
    public IReadOnlyList<string> Take()
    {
        var (texts, text) = (new List<string>(), new StringBuilder());
        foreach (var owner in unsent.Keys)
        {
            if (!unsent.TryRemove(owner, out var revision))
                continue;

            text.Append(CultureInfo.InvariantCulture, $"{OwnerMark.Of(owner):x16}{revision:D} ");
            if (text.Length > MaxPayload)
                Flush();
        }

        Flush();
        return texts;

        void Flush()
        {
            if (text.Length > 0)
                texts.Add(text.ToString());
            text.Clear();
        }
    }

    /// <summary>Passes on a notification. Ignores texts in another format.</summary>
    public void Receive(string text)
    {
        foreach (var range in text.AsSpan().Split(' '))
        {
            var part = text.AsSpan(range);
            if (part.Length > 16
                && ulong.TryParse(part[..16], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var mark)
                && long.TryParse(part[16..], NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
            {
                watched.Advance(mark, revision);
            }
        }
    }
}

using System.Globalization;

namespace KvAspire.Identity.Revocations;

/// <summary>
/// The position of a reader of the revocations. A round takes one or more pages, in the order of transaction and row. The next
/// round starts at the oldest transaction that was in progress when this one began, because this one may have missed its rows.
/// </summary>
internal readonly record struct RevocationCursor
{
    private RevocationCursor(long? start, long xid, long id) => (Start, Position) = (start, (xid, id));

    /// <summary>The start of the next round; null between two rounds.</summary>
    public long? Start { get; }

    /// <summary>The transaction and the row after which the next page begins.</summary>
    public (long Xid, long Id) Position { get; }

    /// <summary>The start of a round at a transaction. Row numbers begin above 0.</summary>
    public static RevocationCursor From(long xid) => new(null, xid, 0);

    /// <summary>Reads the text of a cursor. Any other text starts from the beginning, as for a new reader.</summary>
    public static RevocationCursor Parse(string? text)
    {
        var numbers = (text ?? "").Split('.').Select(part => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1).ToArray();
        return numbers switch
        {
            [>= 0 and var xid] => From(xid),
            [>= 0 and var start, >= 0 and var xid, >= 0 and var id] => new(start, xid, id),
            _ => From(0),
        };
    }

    /// <summary>A position within a round, after which the next round begins at <paramref name="start"/>.</summary>
    public static RevocationCursor Within(long start, long xid, long id) => new(start, xid, id);

    public override string ToString() => Start is { } start
        ? string.Create(CultureInfo.InvariantCulture, $"{start}.{Position.Xid}.{Position.Id}")
        : Position.Xid.ToString(CultureInfo.InvariantCulture);
}

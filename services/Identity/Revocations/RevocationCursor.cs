using System.Globalization;

namespace KvAspire.Identity.Revocations;

/// <summary>
/// How far a reader of the revocations is. A round takes one page or many, in the order of transaction and row; the next
/// round starts at the oldest transaction that was under way when this one began, whose rows it may have passed by.
/// </summary>
internal readonly record struct RevocationCursor
{
    private RevocationCursor(long? start, long xid, long id) => (Start, Position) = (start, (xid, id));

    /// <summary>Where the round after this one starts; null between two rounds.</summary>
    public long? Start { get; }

    /// <summary>The transaction and the row after which the next page begins.</summary>
    public (long Xid, long Id) Position { get; }

    /// <summary>The start of a round at a transaction, whose rows have numbers above 0.</summary>
    public static RevocationCursor From(long xid) => new(null, xid, 0);

    /// <summary>Reads what <see cref="ToString"/> wrote. What is no cursor begins with everything, as a new reader does.</summary>
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

    /// <summary>Within a round that the next one goes back for to <paramref name="start"/>.</summary>
    public static RevocationCursor Within(long start, long xid, long id) => new(start, xid, id);

    /// <inheritdoc/>
    public override string ToString() => Start is { } start
        ? string.Create(CultureInfo.InvariantCulture, $"{start}.{Position.Xid}.{Position.Id}")
        : Position.Xid.ToString(CultureInfo.InvariantCulture);
}

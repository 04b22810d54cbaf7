using System.Diagnostics.CodeAnalysis;

namespace KvAspire.FairQueue;

/// <summary>
/// A bounded queue with a line for each client. The lines take turns (round robin), and each keeps its order, so that a client
/// who sends much waits behind itself. The caller locks: no member is safe for concurrent use.
/// </summary>
/// <param name="capacity">The most items in all lines together.</param>
/// <param name="lineCapacity">The most items in one line.</param>
#pragma warning disable CA1711 // it is a queue
public sealed class FairQueue<T>(int capacity, int lineCapacity = int.MaxValue)
#pragma warning restore CA1711
{
    private readonly Dictionary<string, Line> lines = []; // only lines with items
    private readonly LinkedList<Line> turns = [];

    /// <summary>The number of items in all lines.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the queue or this client's line has no room.</summary>
    public bool IsFullFor(string client) => Count >= capacity || CountOf(client) >= lineCapacity;

    /// <summary>Adds an item to the end of a client's line. The caller asks <see cref="IsFullFor"/> first.</summary>
    public void Enqueue(string client, T item)
    {
        if (!lines.TryGetValue(client, out var line))
        {
            lines.Add(client, line = new(client));
            turns.AddLast(line.Turn);
        }

        line.Items.AddLast(item);
        Count++;
    }

    /// <summary>Takes the first item of the line whose turn it is.</summary>
    public bool TryDequeue([MaybeNullWhen(false)] out T item)
    {
        item = default;
        if (turns.First?.Value is not { } line)
            return false;

        item = Take(line, line.Items.First!);
        if (line.Items.Count > 0)
        {
            turns.Remove(line.Turn);
            turns.AddLast(line.Turn);
        }

        return true;
    }

    /// <summary>
    /// Takes the last item of the longest line, so that one of <paramref name="client"/> fits in: only where that line is still
    /// no shorter than the client's own afterwards.
    /// </summary>
    public bool TryDisplaceFor(string client, [MaybeNullWhen(false)] out T displaced)
    {
        displaced = default;
        if (lines.Values.MaxBy(line => line.Items.Count) is not { } longest || longest.Items.Count <= CountOf(client) + 1)
            return false;

        displaced = Take(longest, longest.Items.Last!);
        return true;
    }

    /// <summary>Removes an item from a client's line.</summary>
    /// <returns>Whether it was still there.</returns>
    public bool Remove(string client, T item)
    {
        if (!lines.TryGetValue(client, out var line) || line.Items.Find(item) is not { } node)
            return false;

        Take(line, node);
        return true;
    }

    /// <summary>Removes all items that match.</summary>
    /// <returns>The removed items.</returns>
    public IReadOnlyList<T> RemoveAll(Predicate<T> match)
    {
        List<T> removed = [];
        foreach (var line in lines.Values) // a dictionary may lose entries while it is enumerated
        {
            for (var node = line.Items.First; node is not null;)
            {
                var next = node.Next;
                if (match(node.Value))
                    removed.Add(Take(line, node));
                node = next;
            }
        }

        return removed;
    }

    private int CountOf(string client) => lines.TryGetValue(client, out var line) ? line.Items.Count : 0;

    private T Take(Line line, LinkedListNode<T> node)
    {
        line.Items.Remove(node);
        Count--;
        if (line.Items.Count == 0)
        {
            lines.Remove(line.Client);
            turns.Remove(line.Turn);
        }

        return node.Value;
    }

    private sealed class Line
    {
        public Line(string client) => (Client, Turn) = (client, new(this));

        public string Client { get; }

        public LinkedListNode<Line> Turn { get; }

        public LinkedList<T> Items { get; } = [];
    }
}

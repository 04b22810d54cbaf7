using KvAspire.Data.Entries;

namespace KvAspire.Data.Operations;

/// <summary>A read of a bulk request.</summary>
/// <param name="Fits">Whether the entry fits into the answer.</param>
/// <param name="Cached">What the cache had, if it was read already.</param>
internal readonly record struct PlannedRead(bool Fits, EntryRead? Cached = null);

/// <summary>
/// Bounds the values in the answer to a bulk request, since all of them are in memory. Which entries fit is decided by their
/// sizes, before any of them is read from Postgres.
/// </summary>
internal sealed class AnswerLimit(EntryStore store, EntryTable table, string owner)
{
    /// <summary>The most bytes of entries in one answer.</summary>
    public const long MaxBytes = 8 * 1024 * 1024;

    // What an answer has besides key, value and metadata.
    private const int Overhead = 256;

    private const int MaxEntryBytes = EntryKey.MaxBytes + EntryContent.MaxLength + Overhead;

    // How many entries one command reads from the cache.
    private const int StepSize = 32;

    private long taken;

    /// <summary>
    /// Plans the reads of these entries, in their order. A smaller entry may fit after one that does not. Postgres is asked for
    /// the sizes of those only that the cache does not answer.
    /// </summary>
    public async Task<PlannedRead[]> PlanAsync(string[] keys, CancellationToken cancellationToken)
    {
        var plan = new PlannedRead[keys.Length];
        Array.Fill(plan, new(Fits: true));
        if (taken + ((long)keys.Length * MaxEntryBytes) <= MaxBytes)
            return plan;

        var (cached, sizes) = await ReadCachedAsync(keys);
        string[] others = [.. keys.Where((_, i) => sizes[i] is null)];
        var stored = others.Length == 0 ? [] : await table.ReadSizesAsync(owner, others, cancellationToken);
        var planned = taken;
        for (var i = 0; i < keys.Length; i++)
        {
            var size = sizes[i] ?? (stored.TryGetValue(keys[i], out var bytes) ? bytes + Overhead : 0);
            plan[i] = new(planned + size <= MaxBytes, cached[i]);
            planned += plan[i].Fits ? size : 0;
        }

        return plan;
    }

    /// <summary>Counts an entry that was read.</summary>
    /// <returns>False if it has grown meanwhile and no longer fits.</returns>
    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref taken, bytes) <= MaxBytes)
            return true;

        Interlocked.Add(ref taken, -bytes);
        return false;
    }

    // Returns the sizes of what the cache answers. Keeps no more of it than may fit.
    private async Task<(EntryRead?[] Reads, int?[] Sizes)> ReadCachedAsync(string[] keys)
    {
        var (reads, sizes, kept) = (new EntryRead?[keys.Length], new int?[keys.Length], taken);
        for (var start = 0; start < keys.Length; start += StepSize)
        {
            var step = keys.AsSpan(start, Math.Min(StepSize, keys.Length - start)).ToArray();
            var found = await store.ReadCachedAsync(Array.ConvertAll(step, key => new EntryId(owner, key)));
            for (var i = 0; i < found.Length; i++)
            {
                if (found[i] is not { } read)
                    continue;

                var size = read.IsLive ? read.Entry.Body.Length : 0;
                sizes[start + i] = size;
                if (kept + size <= MaxBytes)
                    (reads[start + i], kept) = (read, kept + size);
            }
        }

        return (reads, sizes);
    }
}

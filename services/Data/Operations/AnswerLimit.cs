using KvAspire.Data.Entries;
using Npgsql;

namespace KvAspire.Data.Operations;

/// <summary>
/// Bounds the values in the answer to a bulk request, since all of them are in memory. Which entries fit is decided by their
/// sizes, before any of them is read.
/// </summary>
internal sealed class AnswerLimit(EntryTable table, string owner)
{
    /// <summary>The most bytes of entries in one answer.</summary>
    public const long MaxBytes = 8 * 1024 * 1024;

    // What an answer has besides key, value and metadata.
    private const int Overhead = 256;

    private const int MaxEntryBytes = EntryKey.MaxBytes + EntryContent.MaxLength + Overhead;

    private long taken;

    /// <summary>Which of these entries fit, in their order. A smaller entry may fit after one that does not.</summary>
    public async Task<bool[]> FitAsync(string[] keys, CancellationToken cancellationToken)
    {
        var fits = new bool[keys.Length];
        Array.Fill(fits, true);
        if (taken + ((long)keys.Length * MaxEntryBytes) <= MaxBytes)
            return fits;

        var sizes = await SizesAsync(keys, cancellationToken);
        var planned = taken;
        for (var i = 0; i < keys.Length; i++)
        {
            var size = sizes.TryGetValue(keys[i], out var stored) ? stored + Overhead : 0;
            fits[i] = planned + size <= MaxBytes;
            planned += fits[i] ? size : 0;
        }

        return fits;
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

    // While Postgres is away, reads come from the cache alone, and its images are small.
    private async Task<Dictionary<string, int>> SizesAsync(string[] keys, CancellationToken cancellationToken)
    {
        try
        {
            return await table.ReadSizesAsync(owner, keys, cancellationToken);
        }
        catch (NpgsqlException)
        {
            return [];
        }
    }
}

using KvAspire.Data.Entries;
using Npgsql;

namespace KvAspire.Data.Changes.Log;

/// <summary>What a change did to a key.</summary>
internal enum ChangeKind : short
{
    Put = 1,
    Delete = 2,
}

/// <summary>A change as a watch sends it. Changes of an owner are committed in the order of their revisions.</summary>
internal sealed record Change(long Revision, string Key, ChangeKind Kind, EntryContent Content)
{
    /// <summary>The age of the change when it was read, by the clock of Postgres; zero where it was not asked for.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>Reads the columns of a change from <paramref name="first"/> on.</summary>
    public static Change Read(NpgsqlDataReader reader, int first) => new(
        reader.GetInt64(first), reader.GetString(first + 1), (ChangeKind)reader.GetInt16(first + 2), EntryContent.Read(reader, first + 3));
}

/// <summary>The next changes of an owner.</summary>
/// <param name="Changes">The changes, in the order of their revisions.</param>
/// <param name="Next">All changes up to this revision have been read.</param>
/// <param name="Compacted">All changes up to this revision are gone.</param>
/// <param name="IsFull">Whether there may be more after <paramref name="Next"/>.</param>
internal sealed record ChangePage(IReadOnlyList<Change> Changes, long Next, long Compacted, bool IsFull);

/// <summary>
/// The range of an owner's change log: the revision of the last change (0 if there is none), and the revision up to which all
/// changes are gone.
/// </summary>
internal readonly record struct ChangeLogReach(long Last, long Compacted);

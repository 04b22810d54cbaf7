using System.Text;
using KvAspire.Data.Entries;

namespace KvAspire.Data.Writes;

/// <summary>Operations of one or more requests, column by column, as the database's function takes them.</summary>
internal sealed class WriteBatch
{
    private const int Stripes = 1024;

    private WriteBatch(int count)
    {
        Owners = new string[count];
        Keys = new string[count];
        Kinds = new short[count];
        Values = new byte[count][];
        Metadata = new byte[count][];
        ExpiresAt = new DateTimeOffset?[count];
        Matches = new string[count];
        NoneMatches = new string[count];
        Actors = new string[count];
        TraceIds = new string[count];
        Rounds = new int[count];
    }

    public string[] Owners { get; }

    public string[] Keys { get; }

    public short[] Kinds { get; }

    public byte[]?[] Values { get; }

    public byte[]?[] Metadata { get; }

    public DateTimeOffset?[] ExpiresAt { get; }

    public string?[] Matches { get; }

    public string?[] NoneMatches { get; }

    public string?[] Actors { get; }

    public string?[] TraceIds { get; }

    /// <summary>In which round each is applied: those on one key follow each other.</summary>
    public int[] Rounds { get; }

    /// <summary>How many rounds there are.</summary>
    public int RoundCount { get; private set; }

    /// <summary>The keys, each once.</summary>
    public EntryId[] DistinctIds { get; private set; } = [];

    /// <summary>The locks to take, in the order that all take them in.</summary>
    public int[] LockedStripes { get; private set; } = [];

    /// <summary>The owners, each once, …</summary>
    public string[] DistinctOwners { get; private set; } = [];

    /// <summary>… with how many keys they may have more at most, …</summary>
    public long[] NewKeys { get; private set; } = [];

    /// <summary>… and how many bytes.</summary>
    public long[] NewBytes { get; private set; } = [];

    /// <summary>The stripe of locks that an owner falls in. All replicas must agree on it.</summary>
    public static int StripeOf(string owner)
    {
        var hash = 2166136261u; // FNV-1a
        foreach (var c in owner)
            hash = (hash ^ c) * 16777619;
        return (int)(hash % Stripes);
    }

    /// <summary>Gathers the operations of some requests.</summary>
    public static WriteBatch Of(ReadOnlySpan<WriteRequest> requests)
    {
        var count = 0;
        foreach (var request in requests)
            count += request.Writes.Count;

        var batch = new WriteBatch(count);
        var rounds = new Dictionary<EntryId, int>(count);
        var owners = new Dictionary<string, (long Keys, long Bytes)>();
        var i = 0;
        foreach (var request in requests)
        {
            foreach (var write in request.Writes)
                batch.Set(i++, write, request.Actor, rounds, owners);
        }

        batch.DistinctIds = [.. rounds.Keys];
        batch.DistinctOwners = [.. owners.Keys];
        batch.NewKeys = [.. owners.Values.Select(more => more.Keys)];
        batch.NewBytes = [.. owners.Values.Select(more => more.Bytes)];
        batch.LockedStripes = [.. owners.Keys.Select(StripeOf).Distinct().Order()];
        return batch;
    }

    private void Set(int i, Write write, Actor actor, Dictionary<EntryId, int> rounds, Dictionary<string, (long Keys, long Bytes)> owners)
    {
        (Owners[i], Keys[i]) = write.Id;
        Kinds[i] = (short)write.Kind;
        (Values[i], Metadata[i], ExpiresAt[i]) = write.Content;
        (Matches[i], NoneMatches[i]) = write.Conditions;
        (Actors[i], TraceIds[i]) = actor;

        var round = rounds.GetValueOrDefault(write.Id) + 1;
        Rounds[i] = rounds[write.Id] = round;
        RoundCount = Math.Max(RoundCount, round);

        var more = owners.GetValueOrDefault(write.Id.Owner);
        owners[write.Id.Owner] = write.Kind is WriteKind.Check or WriteKind.Delete
            ? more
            : (more.Keys + 1, more.Bytes + Encoding.UTF8.GetByteCount(write.Id.Key) + write.Content.Length + MostThatAddingAdds);
    }

    // A counter's result may be longer than what is added.
    private const int MostThatAddingAdds = 128;
}

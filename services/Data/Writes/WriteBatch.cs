using System.Text;
using KvAspire.Data.Entries;

namespace KvAspire.Data.Writes;

/// <summary>The operations of one or more requests as columns, for <see cref="WriteFunction"/>.</summary>
internal sealed class WriteBatch(int count)
{
    private const int Stripes = 1024;

    public string[] Owners { get; } = new string[count];
    public string[] Keys { get; } = new string[count];
    public short[] Kinds { get; } = new short[count];
    public EntryContent[] Contents { get; } = new EntryContent[count];
    public string?[] Matches { get; } = new string[count];
    public string?[] NoneMatches { get; } = new string[count];
    public string?[] Actors { get; } = new string[count];
    public string?[] TraceIds { get; } = new string[count];

    /// <summary>The round in which each operation runs: operations on the same key run in different rounds.</summary>
    public int[] Rounds { get; } = new int[count];

    public int RoundCount { get; private set; }
    public EntryId[] DistinctIds { get; private set; } = [];

    /// <summary>The stripes to lock, in the order in which all writers lock them.</summary>
    public int[] LockedStripes { get; private set; } = [];

    public string[] DistinctOwners { get; private set; } = [];

    /// <summary>The most keys that each owner may gain.</summary>
    public long[] NewKeys { get; private set; } = [];

    /// <summary>The most bytes that each owner may gain.</summary>
    public long[] NewBytes { get; private set; } = [];

    /// <summary>The stripe of an owner. All replicas must agree on it.</summary>
    public static int StripeOf(string owner)
    {
        var hash = 2166136261u; // FNV-1a
        foreach (var c in owner)
            hash = (hash ^ c) * 16777619;
        return (int)(hash % Stripes);
    }

    /// <summary>Creates the batch of some requests.</summary>
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
        Contents[i] = write.Content;
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

    // A counter's sum may be longer than the number that is added.
    private const int MostThatAddingAdds = 128;
}

namespace KvAspire.ServiceDefaults.Batches;

/// <summary>
/// Reads of entries that a gateway has at the same moment, as one request: <c>POST</c> to <see cref="Path"/>. After the number of its
/// token, each is the key as it stands in the path. The answer is <see cref="ReadAnswers"/>.
/// </summary>
public static class ReadBatch
{
    /// <summary>Where the data service takes them, on its own port only. The number is the format's.</summary>
    public const string Path = "/internal/reads/1";
}

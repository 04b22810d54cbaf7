using System.ComponentModel.DataAnnotations;

namespace KvAspire.Data.Writes;

/// <summary>How writes are batched. Section <c>Writes</c>.</summary>
internal sealed class WriteOptions
{
    public const string Section = "Writes";

    /// <summary>How many transactions of this process run at once. Owners are spread over the lanes.</summary>
    [Range(1, 64)]
    public int Lanes { get; set; } = 2;

    /// <summary>How many operations a batch takes. A larger single request is a batch of its own.</summary>
    [Range(1, 10_000)]
    public int MaxBatch { get; set; } = 256;

    /// <summary>How many bytes a batch takes.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public long MaxBatchBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>How many operations may wait in a lane. Further requests are refused.</summary>
    [Range(1, 1_000_000)]
    public int MaxWaiting { get; set; } = 20_000;

    /// <summary>How many bytes may wait in a lane.</summary>
    [Range(1024, long.MaxValue)]
    public long MaxWaitingBytes { get; set; } = 64 * 1024 * 1024;
}

/// <summary>How much an owner may store. Section <c>Quota</c>.</summary>
internal sealed class QuotaOptions
{
    public const string Section = "Quota";

    /// <summary>How many keys.</summary>
    [Range(0, 1_000_000_000_000)]
    public long Keys { get; set; } = 10_000_000;

    /// <summary>How many bytes of keys, values and metadata.</summary>
    [Range(0, 1_000_000_000_000_000)]
    public long Bytes { get; set; } = 10L * 1024 * 1024 * 1024;
}

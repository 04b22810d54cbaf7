namespace KvAspire.Identity.Erasure;

/// <summary>The options of the erasure of accounts and clients. Section <c>Erasure</c>.</summary>
internal sealed class ErasureOptions
{
    public const string Section = "Erasure";

    /// <summary>
    /// The time after which every service knows that the tokens of the user or client are revoked, and has finished the requests
    /// that it admitted before. Then the data service erases once more, and the user's row is deleted.
    /// </summary>
    public TimeSpan Settle { get; set; } = TimeSpan.FromSeconds(15);
}

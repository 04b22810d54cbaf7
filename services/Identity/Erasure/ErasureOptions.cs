namespace KvAspire.Identity.Erasure;

/// <summary>How accounts are erased. Section <c>Erasure</c>.</summary>
internal sealed class ErasureOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Erasure";

    /// <summary>
    /// After this long every service knows that the user's tokens are revoked, and what it had let in before has ended:
    /// then the data service erases once more, and the user is forgotten.
    /// </summary>
    public TimeSpan Settle { get; set; } = TimeSpan.FromSeconds(15);
}

using System.ComponentModel.DataAnnotations;

namespace KvAspire.ServiceDefaults.Errors;

/// <summary>How many refusals are logged. Section <c>Refusals</c>.</summary>
public sealed class RefusalLogOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Refusals";

    /// <summary>
    /// The most lines of one error code in a second; one more line then tells how many were left out. A code has its own share, so
    /// that a flood of one does not hide the others.
    /// </summary>
    [Range(0, 100_000, ErrorMessage = "Refusals:LinesPerSecond must be between 0 and 100000.")]
    public int LinesPerSecond { get; set; } = 10;
}

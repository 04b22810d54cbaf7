using System.ComponentModel.DataAnnotations;

namespace KvAspire.Gateway.Limits;

/// <summary>How much a client may send. Section <c>Limits</c>.</summary>
internal sealed class BodyLimitOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Limits";

    /// <summary>The largest request body in bytes; beyond it the answer is 413. A value of 1 MiB fits with room to spare.</summary>
    [Range(1024, 1024 * 1024 * 1024, ErrorMessage = "Limits:MaxRequestBodyBytes must be between 1024 and 1073741824.")]
    public long MaxRequestBodyBytes { get; set; } = 2 * 1024 * 1024;

    /// <summary>The same for requests of many operations (<see cref="Routing.PublicRoutes.TakeLargeBodies"/>): what the data service takes.</summary>
    [Range(1024, 1024 * 1024 * 1024, ErrorMessage = "Limits:MaxLargeRequestBodyBytes must be between 1024 and 1073741824.")]
    public long MaxLargeRequestBodyBytes { get; set; } = 16 * 1024 * 1024;
}

using System.ComponentModel.DataAnnotations;

namespace KvAspire.Gateway.Edge.Framing;

/// <summary>Limits request bodies. Section <c>Limits</c>.</summary>
internal sealed class BodyLimitOptions
{
    public const string Section = "Limits";

    /// <summary>The largest request body in bytes. A value of 1 MiB fits with room to spare.</summary>
    [Range(1024, 1024 * 1024 * 1024, ErrorMessage = "Limits:MaxRequestBodyBytes must be between 1024 and 1073741824.")]
    public long MaxRequestBodyBytes { get; set; } = 2 * 1024 * 1024;

    /// <summary>The same for routes with <see cref="Routes.PublicRoute.TakesLargeBodies"/>: the data service's limit.</summary>
    [Range(1024, 1024 * 1024 * 1024, ErrorMessage = "Limits:MaxLargeRequestBodyBytes must be between 1024 and 1073741824.")]
    public long MaxLargeRequestBodyBytes { get; set; } = 16 * 1024 * 1024;
}

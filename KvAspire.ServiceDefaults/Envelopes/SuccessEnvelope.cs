using System.Text.Json.Serialization;

namespace KvAspire.ServiceDefaults.Envelopes;

/// <summary>The body of a success: <c>{"status":"success","message":…,"data":…}</c>.</summary>
/// <param name="Message">A sentence for people; left out where the endpoint has none.</param>
/// <param name="Data">What the endpoint answers; left out where it has nothing to say.</param>
public sealed record SuccessEnvelope<T>(string? Message, T? Data)
{
    /// <summary>Always <c>success</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Status { get; } = "success";
}

/// <summary>Makes the bodies of successes.</summary>
public static class Success
{
    /// <summary>A body with a sentence alone.</summary>
    public static SuccessEnvelope<object> Of(string message) => new(message, null);

    /// <summary>A body with a sentence and data.</summary>
    public static SuccessEnvelope<T> Of<T>(string? message, T data) => new(message, data);
}

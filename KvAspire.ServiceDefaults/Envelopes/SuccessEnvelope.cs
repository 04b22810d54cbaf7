using System.Text.Json.Serialization;

namespace KvAspire.ServiceDefaults.Envelopes;

/// <summary>The body of a success: <c>{"status":"success","message":…,"data":…}</c>.</summary>
/// <param name="Message">A sentence for people; absent where null.</param>
/// <param name="Data">The endpoint's answer; absent where null.</param>
public sealed record SuccessEnvelope<T>(string? Message, T? Data)
{
    /// <summary>Always <c>success</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Status { get; } = "success";
}

/// <summary>Creates success bodies.</summary>
public static class Success
{
    /// <summary>A body with a message only.</summary>
    public static SuccessEnvelope<object> Of(string message) => new(message, null);

    /// <summary>A body with a message and data.</summary>
    public static SuccessEnvelope<T> Of<T>(string? message, T data) => new(message, data);
}

namespace KvAspire.Identity.SigningKeys;

/// <summary>The stored keys cannot be used. The message tells the operator what to set.</summary>
internal sealed class SigningKeyException(string message, Exception innerException) : Exception(message, innerException);

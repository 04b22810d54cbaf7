namespace KvAspire.Identity.SigningKeys;

/// <summary>A stored secret cannot be decrypted. The message tells the operator what to set.</summary>
internal sealed class SigningKeyException(string message) : Exception(message);

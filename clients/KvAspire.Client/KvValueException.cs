using System.Text.Json;

namespace KvAspire.Client;

/// <summary>The value of an entry cannot be read as, or written from, the type that the caller asks for.</summary>
public sealed class KvValueException : JsonException
{
    /// <summary>Creates an exception.</summary>
    /// <param name="key">The key of the entry.</param>
    /// <param name="type">The type that the caller asks for.</param>
    /// <param name="cause">Why the value does not fit.</param>
    public KvValueException(string key, Type type, Exception cause)
        : base($"The value of the key \"{key}\" does not fit {type}: {cause?.Message}", (cause as JsonException)?.Path, null, null, cause) => Key = key;

    /// <summary>The key of the entry.</summary>
    public string Key { get; }
}

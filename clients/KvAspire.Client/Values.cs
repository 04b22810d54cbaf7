using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace KvAspire.Client;

/// <summary>Reads and writes the values of entries. Errors name the key.</summary>
internal sealed class Values(JsonSerializerOptions options)
{
    /// <summary>The member <c>value</c>; default where there is none.</summary>
    public T? Read<T>(string key, JsonElement data, JsonTypeInfo<T>? type)
    {
        if (!data.TryGetProperty("value", out var value))
            return default;
        if (type is null && typeof(T) == typeof(JsonElement))
            return (T)(object)value.Clone();
        try
        {
            return value.Deserialize(type ?? Contract<T>());
        }
        catch (Exception failure) when (failure is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new KvValueException(key, typeof(T), failure);
        }
    }

    /// <summary>JSON in UTF-8.</summary>
    public byte[] Write<T>(string key, T value, JsonTypeInfo<T>? type)
    {
        if (value is JsonElement element)
            return JsonMarshal.GetRawUtf8Value(element).ToArray();
        try
        {
            return type is null ? Write(value, Contract<T>()) : JsonSerializer.SerializeToUtf8Bytes(value, type);
        }
        catch (Exception failure) when (failure is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new KvValueException(key, typeof(T), failure);
        }
    }

    // The members of a derived type, which the contract of the base type does not have, would be lost.
    private byte[] Write<T>(T value, JsonTypeInfo<T> contract) =>
        value is not null && value.GetType() != typeof(T) && contract is { Kind: JsonTypeInfoKind.Object, PolymorphismOptions: null }
            ? JsonSerializer.SerializeToUtf8Bytes(value, options.GetTypeInfo(value.GetType()))
            : JsonSerializer.SerializeToUtf8Bytes(value, contract);

    private JsonTypeInfo<T> Contract<T>() => (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
}

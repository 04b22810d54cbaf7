namespace KvAspire.ServiceDefaults.Requests;

/// <summary>
/// Reads ids: UUIDs as text (RFC 9562, section 4), whose letters may be in either case. Databases have them in lower case.
/// </summary>
public static class UuidText
{
    /// <summary>The UUID in lower case; null if the text is none.</summary>
    public static string? Read(string? text) =>
        Guid.TryParseExact(text, "D", out var id) && id.ToString() is var canonical
        && canonical.Equals(text, StringComparison.OrdinalIgnoreCase) // .NET also takes signs and white space
            ? canonical
            : null;

    /// <summary>The subject of a token: the UUID of a user in lower case, or the id of a client as it is.</summary>
    public static string ReadSubject(string text) => Read(text) ?? text;
}

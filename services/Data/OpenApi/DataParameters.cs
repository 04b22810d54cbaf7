using KvAspire.ServiceDefaults.OpenApi;

namespace KvAspire.Data.OpenApi;

/// <summary>Parameters that several operations have.</summary>
internal static class DataParameters
{
    public static readonly ParameterDescription Key = new("key", "path",
        "The key, percent-encoded. `/` is part of it and stays as it is: `/api/data/users/42`. What a path cannot carry unchanged "
        + "(an escaped `/`, a leading or doubled one, dot segments) goes through `?key=`.")
    { Min = 1, Max = 512, Example = "\"greeting\"" };

    public static readonly ParameterDescription QueryKey = new("key", "query", "The key: 1 to 512 bytes of UTF-8 without control characters, but not `.` or `..`.")
    { Required = true, Min = 1, Max = 512, Example = "\"users/42\"" };

    public static readonly ParameterDescription IfMatch = new("If-Match", "header",
        "Entity tags, or `*`: go on only if the entry is there with one of these revisions (RFC 9110).")
    { Example = "\"\\\"17\\\"\"" };

    public static readonly ParameterDescription IfNoneMatch = new("If-None-Match", "header",
        "Entity tags, or `*`: go on only if the entry is not there with one of these revisions (RFC 9110).")
    { Example = "\"\\\"17\\\"\"" };

    public static readonly ParameterDescription CacheControl = new("Cache-Control", "header", "`no-cache` reads past the cache.");

    public static readonly ParameterDescription IdempotencyKey = new("Idempotency-Key", "header",
        "1 to 255 printable ASCII characters. What was done under it is answered again for 24 hours, and not done again.")
    { Min = 1, Max = 255, Example = "\"2f1b8a4e-6c55-4b3c-9a53-0f3d9f1f7f11\"" };

    public static readonly ParameterDescription Prefix = new("prefix", "query", "What the keys begin with: at most 512 bytes of UTF-8.")
    { Max = 512, Example = "\"users/\"" };

    public static readonly ParameterDescription Limit = new("limit", "query", "How much a page has at most.")
    { Type = "integer", Min = 1, Max = 1000, Default = "100" };

    public static readonly ParameterDescription Cursor = new("cursor", "query", "Where to go on: what the page before answered to the same query.")
    { Max = 1024 };
}

using KvAspire.OpenApi;
using KvAspire.Paging;

namespace KvAspire.Data.OpenApi;

/// <summary>Parameters that several operations share.</summary>
internal static class DataParameters
{
    public static readonly ParameterDescription Key = new("key", "path",
        "The key, percent-encoded except for `/`: `/api/data/users/42`. A key that a path cannot carry unchanged "
        + "(with an escaped, leading or doubled `/`, or with dot segments) needs `?key=`.")
    { Min = 1, Max = 512, Example = "\"greeting\"" };

    public static readonly ParameterDescription QueryKey = new("key", "query", "The key: 1 to 512 bytes of UTF-8 without control characters, but not `.` or `..`.")
    { Required = true, Min = 1, Max = 512, Example = "\"users/42\"" };

    public static readonly ParameterDescription IfMatch = new("If-Match", "header",
        "Entity tags, or `*`: the entry must exist with one of these revisions (RFC 9110).")
    { Example = "\"\\\"17\\\"\"" };

    public static readonly ParameterDescription IfNoneMatch = new("If-None-Match", "header",
        "Entity tags, or `*`: the entry must not exist with one of these revisions (RFC 9110).")
    { Example = "\"\\\"17\\\"\"" };

    public static readonly ParameterDescription CacheControl = new("Cache-Control", "header", "`no-cache` reads past the cache.");

    public static readonly ParameterDescription IdempotencyKey = new("Idempotency-Key", "header",
        "1 to 255 printable ASCII characters. For 24 hours, repeats with the same key return the first outcome. "
        + "White space and the order of members may differ.")
    { Min = 1, Max = 255, Example = "\"2f1b8a4e-6c55-4b3c-9a53-0f3d9f1f7f11\"" };

    public static readonly ParameterDescription Prefix = new("prefix", "query", "The prefix of the keys: at most 512 bytes of UTF-8.")
    { Max = 512, Example = "\"users/\"" };

    public static readonly ParameterDescription Limit = PageParameters.Limit;

    public static readonly ParameterDescription Cursor = PageParameters.Cursor;
}

using KvAspire.OpenApi;

namespace KvAspire.Data.Owners;

/// <summary>The OpenAPI description of usage.</summary>
internal static class UsageDescription
{
    public static readonly OperationDescription Read = new("readUsage", "Read usage and quota")
    {
        Text = "The usage of the token's user. Each commit updates it. A token with a prefix sees the usage of that prefix: "
            + "of its first 10,000 rows, those of deleted keys included, and `count_complete` says whether these are all.",
        Answers =
        [
            new(200, "The usage.")
            {
                Example = """{"status":"success","data":{"keys":{"used":12,"allowed":10000000},"bytes":{"used":3456,"allowed":10737418240}}}""",
                Headers = ["Cache-Control"],
            },
        ],
    };
}

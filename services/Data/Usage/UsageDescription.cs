using KvAspire.Data.Entries;
using KvAspire.ServiceDefaults.OpenApi;

namespace KvAspire.Data.Usage;

/// <summary>What the OpenAPI document says of usage.</summary>
internal static class UsageDescription
{
    public static readonly OperationDescription Read = new("readUsage", EntriesDescription.Tag, "See what is used, and what is allowed")
    {
        Text = "Of the token's user. Writes are counted as they are committed.",
        Answers =
        [
            new(200, "Keys and bytes.") { Example = """{"status":"success","data":{"keys":{"used":12,"allowed":10000000},"bytes":{"used":3456,"allowed":10737418240}}}""" },
        ],
    };
}

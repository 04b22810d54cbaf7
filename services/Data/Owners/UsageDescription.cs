using KvAspire.OpenApi;

namespace KvAspire.Data.Owners;

/// <summary>The OpenAPI description of usage.</summary>
internal static class UsageDescription
{
    public static readonly OperationDescription Read = new("readUsage", "Read usage and quota")
    {
        Text = "The usage of the token's user. Each commit updates it.",
        Answers =
        [
            new(200, "The usage.") { Example = """{"status":"success","data":{"keys":{"used":12,"allowed":10000000},"bytes":{"used":3456,"allowed":10737418240}}}""" },
        ],
    };
}

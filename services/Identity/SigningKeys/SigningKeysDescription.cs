using KvAspire.Identity.Admin;
using KvAspire.ServiceDefaults.OpenApi;

namespace KvAspire.Identity.SigningKeys;

/// <summary>What the OpenAPI document says of signing keys.</summary>
internal static class SigningKeysDescription
{
    public static readonly OperationDescription List = new("listSigningKeys", AdminDescription.Tag, "List the signing keys")
    {
        Text = "Those that are announced, that sign, and whose tokens may still be valid; public parts only.",
        Answers =
        [
            new(200, "The keys that are published, oldest first.")
            {
                Example = """{"status":"success","data":{"items":[{"key_id":"h7Qk2","state":"signing","signs_from":"2026-11-24T21:03:50Z"}]}}""",
            },
        ],
    };

    public static readonly OperationDescription Rotate = new("rotateSigningKeys", AdminDescription.Tag, "Rotate the signing keys now")
    {
        Text = "A new key is published at once and signs some seconds later; tokens of the one before stay valid until they expire.",
        Answers =
        [
            new(200, "The next key.")
            {
                Example = """{"status":"success","message":"The next signing key is announced.","data":{"key_id":"p3Wx9","state":"announced","signs_from":"2026-11-24T21:04:05Z"}}""",
            },
        ],
    };
}

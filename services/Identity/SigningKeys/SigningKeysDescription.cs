namespace KvAspire.Identity.SigningKeys;

/// <summary>Describes the administration of signing keys in the OpenAPI document.</summary>
internal static class SigningKeysDescription
{
    public static readonly OperationDescription List = new("listSigningKeys", "List the signing keys")
    {
        Text = "The announced key, the signing key, and retired keys whose tokens may still be valid. Public parts only.",
        Answers =
        [
            new(200, "The published keys, oldest first.")
            {
                Example = """{"status":"success","data":{"items":[{"key_id":"h7Qk2","state":"signing","signs_from":"2026-11-24T21:03:50Z"}]}}""",
                Headers = ["Cache-Control"],
            },
        ],
    };

    public static readonly OperationDescription Rotate = new("rotateSigningKeys", "Rotate the signing keys now")
    {
        Text = "A new key is published at once and signs some seconds later. Tokens of the old key stay valid until they expire.",
        Answers =
        [
            new(200, "The next key.")
            {
                Example = """{"status":"success","message":"The next signing key is announced.","data":{"key_id":"p3Wx9","state":"announced","signs_from":"2026-11-24T21:04:05Z"}}""",
                Headers = ["Cache-Control"],
            },
        ],
    };
}

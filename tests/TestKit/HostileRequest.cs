using System.Text;

namespace KvAspire.TestKit;

/// <summary>A hostile request to an endpoint without authentication.</summary>
internal sealed class HostileRequest(Random random, string path) : HostileWire(random)
{
    private const string Json = "application/json", Form = "application/x-www-form-urlencoded";

    private static readonly Dictionary<string, string[]> Fields = new()
    {
        ["/api/register"] = ["username", "email", "password", "full_name", "age", "gender"],
        ["/api/token"] = ["username", "password", "grant_type", "refresh_token", "scope"],
        ["/connect/token"] = ["grant_type", "username", "password", "refresh_token", "client_id", "client_secret", "scope"],
        ["/connect/revocation"] = ["token", "token_type_hint", "client_id", "client_secret"],
        ["/connect/introspect"] = ["token", "token_type_hint", "client_id", "client_secret"],
    };

    private bool IsForm => path.StartsWith("/connect", StringComparison.Ordinal);

    /// <summary>The bytes, and whether to half-close the connection after them.</summary>
    public (byte[] Bytes, bool EndsThere) Bytes(string host)
    {
        var body = Damage(IsForm != OneIn(20) ? FormBody() : JsonBody());
        var head = new StringBuilder($"POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        if (!OneIn(50))
            head.Append("Content-Type: ").Append(OneIn(4) ? Any(ContentTypes) : IsForm ? Form : Json).Append("\r\n");
        AddHeaders(head);

        var bytes = new MemoryStream();
        var endsThere = Frame(head, body, bytes);
        return (bytes.ToArray(), endsThere);
    }

    private void AddHeaders(StringBuilder head)
    {
        if (OneIn(6))
        {
            head.Append("Authorization: ").Append(Any(
                "Basic", "Basic ", "Basic !!!", "Basic " + Base64("a:b"), "Basic " + Base64("own-client:%zz%"), "Basic " + Base64(":"), "Basic " + Base64("a\0b:c\0d"), "basic " + Base64(new string('a', 5_000)),
                "Basic " + Convert.ToBase64String(RandomBytes(40)), "Bearer x", "Bearer " + Any(Texts[29..40]), "Digest a=b", "\u00ff\u00fe")).Append("\r\n");
        }

        if (OneIn(8))
        {
            head.Append(Any(
                "Accept: application/problem+json", "Accept: ;;;", "Accept: */*;q=nan", "Accept-Charset: utf-16", "Content-Encoding: gzip", "Expect: 100-continue", "X-Forwarded-For: \u00ff, 1.2.3.4.5",
                "X-Forwarded-For: fe80::1%eth0", "X-Forwarded-For: " + new string(',', 500), "traceparent: 00-zz-zz-zz", "baggage: " + new string('a', 2_000), "User-Agent: \u00e9\u0001", "Idempotency-Key: \"", "Content-Language: \u00ff",
                "Cookie: " + new string('c', 2_000))).Append("\r\n");
        }
    }

    private byte[] JsonBody()
    {
        switch (Random.Next(12))
        {
            case 0:
                return Utf8(Any(JsonValues));
            case 1:
                var depth = Any(10, 62, 63, 64, 65, 256, 300, 10_000);
                return Utf8(string.Concat(Enumerable.Repeat(Any("[", "{\"a\":"), depth)) + "1" + new string(']', Random.Next(depth)));
            case 2:
                return Utf8("{" + string.Join(',', Enumerable.Range(0, 3_000).Select(number => $"\"m{number}\":{number}")) + "}");
        }

        var members = new List<string>();
        foreach (var field in Fields.TryGetValue(path, out var own) ? own : [])
        {
            if (!OneIn(4))
                members.Add($"\"{field}\":{JsonValue(field)}");
            if (OneIn(12))
                members.Add($"\"{field}\":{JsonValue(field)}");
        }

        if (OneIn(8))
            members.Add($"{Any("\"\\ud800\"", "\"\\u0000\"", "\"\"", "\"" + new string('n', 20_000) + "\"", "name", "1")}:{Any(JsonValues)}");
        return Utf8("{" + string.Join(Any(",", ",", ",", ", ", ",,", " "), members) + Any("}", "}", "}", "}", ",}", "} ", "}}", ""));
    }

    // Requests with a name and a password cost a hash, so only few have both.
    private string JsonValue(string field) =>
        OneIn(3) || (field == "password" && !OneIn(12)) ? Any(JsonValues) : "\"" + System.Text.Json.JsonEncodedText.Encode(Any(Texts)) + "\"";

    private byte[] FormBody()
    {
        if (OneIn(10))
            return Utf8(Any("&&&&", "=", "=&=", "a", "%", "%%%=%", "+=+", string.Concat(Enumerable.Repeat("a=b&", 2_000)), new string('n', 20_000) + "=v", "a=" + new string('v', 100_000), "a[]=1&a[b]=2", "a;b;c"));

        var pairs = new List<string>();
        foreach (var field in Fields.TryGetValue(path, out var own) ? own : [])
        {
            if (!OneIn(3) && (field != "password" || OneIn(8)))
                pairs.Add($"{field}={FormValue(field)}");
            if (OneIn(20))
                pairs.Add($"{field}={FormValue(field)}");
        }

        return Utf8(string.Join(Any("&", "&", "&", ";", "&&"), pairs));
    }

    private string FormValue(string field)
    {
        if (field == "grant_type" && !OneIn(4))
            return Any("password", "refresh_token", "client_credentials");
        if (field == "client_id" && !OneIn(3))
            return Any("guessed", "unknown", "kvaspire");

        var text = Any(Texts);
        return Random.Next(4) switch
        {
            0 => text,
            1 => Any("%00", "%FF%FE", "%C0%80", "%ED%A0%80", "%", "%4", "%zz", "%u0041", "%25%30%30", "+"),
            _ => Uri.EscapeDataString(text),
        };
    }
}

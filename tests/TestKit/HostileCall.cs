using System.Text;
using System.Text.Json;

namespace KvAspire.TestKit;

/// <summary>A hostile call.</summary>
internal sealed class HostileCall(Random random, string token) : HostileWire(random)
{
    // Kestrel's default limits of the request line and of all headers.
    private const int MaxLine = 8 * 1024, MaxHeaders = 32 * 1024;

    private static readonly string[] Keys =
    [
        "k", "k", "k1", "k2", "c", "c", "n", "", ".", "..", "...", "%2e", "%2E%2e", "a/../b", "a/%2e%2e/b", "./a", "a/.", "/", "//", "a//b", "a/", "%2F", "%2f%2f", "a%2Fb", "%5c", "\\", "..\\a", "%00", "a%00b", "%01", "%7f",
        "%0d%0aX: 1", "%", "%4", "%zz", "%%", "%25", "%2525", "%252e", "%u0041", "%C0%80", "%C0%AE", "%ED%A0%80", "%FF", "%c3", "%F5%80%80%80", "%C3%A9", "e%CC%81", "%E2%80%AE", "%F0%9F%98%80", "%EF%BB%BF", "%EF%BF%BE",
        "\u00c3\u00a9", "\u00e9", "a b", "\t", "\0", "\u007f", "#a", "a#b?c", "?", "??", "&", "=", ";a=b", "a;b", "*", "+", "%20", "~", "|", "<>\"{}`^", "[::1]", "@", "a:b", "http://x/", "CON", "${a}", "{key}", "{**key}", "restore", "api/data",
        new string('a', 512), new string('a', 513), string.Concat(Enumerable.Repeat("%61", 512)), string.Concat(Enumerable.Repeat("%C3%A9", 257)), string.Concat(Enumerable.Repeat("a/", 1_000)), string.Concat(Enumerable.Repeat("../", 300)),
        string.Concat(Enumerable.Repeat("%2e%2e/", 300)), new string('a', 7_000), new string('%', 2_000), new string('a', 20_000),
    ];

    private static readonly string[] Parameters =
    [
        "key", "key", "prefix", "delimiter", "limit", "cursor", "include", "after", "upsert", "KEY", "ke%79", "", "key[]", "revision", "access_token",
    ];

    private static readonly string[] Numbers =
    [
        "0", "1", "2", "-1", "-0", "1000", "1001", "1e3", "1.0", "0x10", "+1", "%2B1", " 1", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "99999999999999999999999999", "1e400", "NaN", "true", "", "\u0661", "%D9%A1",
    ];

    private static readonly string[] Cursors =
    [
        "AA", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "kFt", "====", "%3D", "-_", "+/", "e30", "bnVsbA", "\u00e9", "%00", new string('A', 43), new string('A', 700), new string('A', 2_000), new string('_', 4_000),
    ];

    private static readonly string[] Headers =
    [
        "If-Match: *", "If-Match: \"1\"", "If-Match: W/\"1\"", "If-Match: 1", "If-Match: \"", "If-Match: \"1\", \"2\",, \"x\"", "If-Match: \"99999999999999999999999999\"", "If-Match: \"-1\"", "If-Match: \"%\",*", "If-None-Match: *",
        "If-None-Match: \"1\"\r\nIf-None-Match: *", "If-None-Match: \"\u00e9\"", "If-None-Match: W/*", "If-Modified-Since: yesterday", "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT", "If-Range: \"1\"", "Range: bytes=0-1", "Range: bytes=-1",
        "Range: bytes=5-1,a", "Range: lines=1", "Accept-Encoding: gzip", "Accept-Encoding: br;q=1.0, *;q=0", "Accept-Encoding: identity;q=0", "Accept-Encoding: ;;;", "Accept: application/problem+json", "Accept: text/event-stream", "Accept: ;", "Accept: a/b;q=2",
        "Idempotency-Key: a", "Idempotency-Key: a", "Idempotency-Key: b", "Idempotency-Key: ", "Idempotency-Key: \"", "Idempotency-Key: a\r\nIdempotency-Key: b", "Idempotency-Key: \u00e9", "Idempotency-Key: \u00c3\u00a9", "Cache-Control: no-cache",
        "Cache-Control: no-cache=\"", "Cache-Control: max-age=99999999999999", "Pragma: no-cache", "Expect: 100-continue", "Expect: 200-ok", "Last-Event-ID: 1", "Last-Event-ID: -1", "Last-Event-ID: 0", "Last-Event-ID: 99999999999999999999", "Last-Event-ID: \u00e9",
        "Last-Event-ID: 1\r\nLast-Event-ID: 2", "Upgrade: websocket\r\nSec-WebSocket-Key: x", "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__", "Connection: keep-alive, x", "TE: trailers", "Trailer: Authorization", "Content-Encoding: gzip", "Content-Encoding: \u00e9",
        "X-HTTP-Method-Override: DELETE", "X-Original-URL: /internal/owners/a", "X-Forwarded-For: \u00e9", "X-Forwarded-Host: \"", "X-Forwarded-Prefix: /..", "Forwarded: for=\"", "Via: 1.1 a", "traceparent: 00-00000000000000000000000000000000-0000000000000000-00",
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\ntraceparent: 00-zz", "tracestate: \u00e9=1,=", "baggage: a=%zz,\u00e9=1", "Cookie: a=b; ;=", "Origin: null", "Authorization: Basic a", "Content-Type: application/json", "User-Agent: \u00e9", "Host: other",
        "Max-Forwards: 0", "Keep-Alive: timeout=-1", "Proxy-Authorization: x", ": x", "x", "a b: c", "X-\u00e9: 1", "X-Nul: a\0b", "X-Fold: a\r\n b", "X-Long: L",
    ];

    private string method = "GET";
    private string target = "/";

    /// <summary>Whether the response never has a body.</summary>
    public bool HasNoBody => method is "HEAD";

    /// <summary>The bytes, and whether to half-close the connection after them.</summary>
    public (byte[] Bytes, bool EndsThere) Bytes(string host)
    {
        var body = Choose();
        if (OneIn(15))
            method = Any("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "X", "M-SEARCH", "G\u00c9T", "QUERY");
        if (OneIn(25))
            target = Any("*", host, $"http://{host}{target}", $"https://other.example{target}", "http://", "http:///", target[1..], "/" + target, target + "#", "/api/./data/k", "/API/DATA/k", "/api%2Fdata/k", "/internal/owners/a");

        var head = new StringBuilder($"{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n");
        if (body is not null && !OneIn(40))
            head.Append("Content-Type: ").Append(OneIn(10) ? Any(ContentTypes) : "application/json").Append("\r\n");
        for (var more = OneIn(3) ? 1 + Random.Next(3) : 0; more > 0; more--)
            head.Append(Any(Headers) is var header && header is "X-Long: L" ? "X-Long: " + new string('l', Any(4_000, 20_000, 40_000)) : header).Append("\r\n");

        // Invalid requests: targets other than a path, which RFC 9112 allows for OPTIONS, CONNECT and proxies; headers that are
        // not UTF-8; and a path with an encoded NUL, which Kestrel refuses.
        IsNoHttp |= method is "CONNECT" || !method.All(char.IsAsciiLetterUpper) || !target.StartsWith('/') || target.Length + 30 > MaxLine || head.Length > MaxHeaders
            || target.Any(letter => letter is < '!' or > '~') || target.Split('?')[0].Contains("%00", StringComparison.Ordinal) || !IsHead(head.ToString());
        var bytes = new MemoryStream();
        var endsThere = false;
        if (body is not null)
            endsThere = Frame(head, OneIn(3) ? Damage(body) : body, bytes);
        else
            Write(bytes, head.Append("\r\n").ToString());
        return (bytes.ToArray(), endsThere);
    }

    private static bool IsHead(string head) =>
        System.Text.Unicode.Utf8.IsValid(Encoding.Latin1.GetBytes(head)) && !head.Contains('\0', StringComparison.Ordinal) && head.Split("\r\n")[1..^1].All(line => line.IndexOfAny([':', ' ']) is var end and > 0 && line[end] is ':')
        && head.Split("\r\nHost:").Length == 2;

    private byte[]? Choose()
    {
        switch (Random.Next(24))
        {
            case < 5:
                return To(Any("GET", "GET", "HEAD", "DELETE"), "/api/data/" + Target() + Query());
            case < 8:
                return To("PUT", "/api/data/" + Target() + (OneIn(2) ? "?upsert=true" : Query()), Body(Content));
            case < 10:
                return OneIn(2) ? To(Any("GET", "HEAD", "DELETE"), "/api/data?key=" + Target() + More()) : To("PUT", "/api/data?key=" + Target() + "&upsert=" + Any("true", "false", "1", ""), Body(Content));
            case < 12:
                return To("POST", "/api/data" + (OneIn(4) ? Query() : ""), Body(Entry));
            case < 14:
                return To("GET", "/api/data" + Query());
            case < 16:
                return To("POST", "/api/bulk", Body(() => Many("operations", Operation)));
            case < 18:
                return To("POST", "/api/txn", Body(() => Members(() => $"\"checks\":{List(Check)}", () => $"\"operations\":{List(Operation)}")));
            case < 20:
                return To("POST", OneIn(2) ? "/api/counters/" + Target() : "/api/counters?key=" + Target() + More(), Body(() => Members(() => $"\"delta\":{Number()}", () => $"\"ttl_seconds\":{Number()}")));
            case 20:
                return To("GET", "/api/revisions?key=" + Target() + More());
            case 21:
                return To("POST", "/api/revisions/restore" + (OneIn(6) ? "/" : ""), Body(() => Members(Key, () => $"\"revision\":{Number()}")));
            case 22:
                return To("GET", "/api/watch" + Query());
            default:
                return To(Any("GET", "HEAD"), "/api/usage" + Query());
        }
    }

    private byte[]? To(string how, string where, byte[]? body = null)
    {
        (method, target) = (how, where);
        return body ?? (OneIn(20) ? Utf8(Any("", "{}", "a", Any(JsonValues))) : null);
    }

    private string Query() => OneIn(3) ? "" : "?" + Parameter() + More();

    private string More()
    {
        var query = new StringBuilder();
        for (var more = Random.Next(4); more > 0; more--)
            query.Append(Any("&", "&", "&", ";", "&&", "?")).Append(Parameter());
        return query.ToString();
    }

    private string Parameter()
    {
        var name = Any(Parameters);
        return name + Any("=", "=", "=", "=", "=", "", "==") + name switch
        {
            "limit" or "after" or "revision" => Any(Numbers),
            "cursor" => OneIn(3) ? Convert.ToBase64String(RandomBytes(Random.Next(60))).Replace('+', '-').Replace('/', '_').TrimEnd('=') : Any(Cursors),
            "include" => Any("value", "metadata", "value,metadata", "value,value", ",", "all", "VALUE", "value%2Cmetadata", "value,\0"),
            "upsert" => Any("true", "false", "TRUE", "1", "", "%74rue"),
            _ => Target(),
        };
    }

    private string Target() => OneIn(2) ? Any("k", "k1", "k2", "c", "a/b", "%6b") : Any(Keys);

    private byte[] Body(Func<string> ofItsKind) => OneIn(10)
        ? Utf8(Any(Any(JsonValues), "", "[]", string.Concat(Enumerable.Repeat(Any("[", "{\"a\":"), Any(10, 63, 64, 65, 255, 300, 10_000))), "{" + string.Join(',', Enumerable.Range(0, 3_000).Select(n => $"\"m{n}\":{n}")) + "}"))
        : Utf8(ofItsKind() + (OneIn(30) ? Any("}", " x", "\0", ",") : ""));

    private string Content() => Members(Value, Value, Life, Metadata);

    private string Entry() => Members(Key, Value, Life, Metadata);

    private string Operation() => Members(() => $"\"op\":{Any("\"get\"", "\"put\"", "\"put\"", "\"create\"", "\"delete\"", "\"GET\"", "\"\"", "\"\\u0070ut\"", Any(JsonValues))}", Key, Value,
        () => OneIn(3) ? $"\"if_match\":{Number()}" : "\"x\":1", () => OneIn(3) ? Life() : Metadata());

    private string Check() => Members(Key, () => OneIn(2) ? $"\"revision\":{Number()}" : $"\"exists\":{Any("true", "false", "null", Any(JsonValues))}");

    private string Key() => "\"key\":" + (OneIn(12) ? Any(JsonValues) : $"\"{JsonEncodedText.Encode(OneIn(3) ? Any(Texts) : Any("k", "k1", "k2", "c", "a/b", ".", "..", "/"))}\"");

    private string Value() => "\"value\":" + Random.Next(8) switch
    {
        0 => "[1]",
        1 when OneIn(2) => Any(JsonValues),
        2 => $"\"{JsonEncodedText.Encode(Any(Texts))}\"",
        3 when OneIn(12) => "\"" + new string('v', Any(1_048_574, 1_048_575, 1_200_000, 2_200_000)) + "\"",
        4 when OneIn(4) => string.Concat(Enumerable.Repeat("[", 70)) + new string(']', Any(70, 69, 71)),
        5 => Number(),
        6 => "{\"a\":1,\"a\":2,\"\":null}",
        _ => Any("1", "\"x\"", "{\"a\":[1.50,true]}"),
    };

    private string Life() => OneIn(3)
        ? $"\"expires_at\":{Any("\"2030-01-01T00:00:00Z\"", "\"\\ud8000-01-01T00:00:00Z\"", "\"2020-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.9999999Z\"", "\"0001-01-01T00:00:00+14:00\"", "\"9999-12-31T23:59:59-14:00\"", "\"2030-02-30T00:00:00Z\"", "\"2030\"", "1", "\"\"", Any(JsonValues))}"
        : $"\"ttl_seconds\":{Number()}";

    private string Metadata() => "\"metadata\":" + Any("{}", "{\"a\":\"b\"}", "{\"a\":1}", "{\"\":\"\"}", "{\"a\":\"" + new string('m', Any(1_000, 5_000, 20_000)) + "\"}", "[]", "\"\"", "null", Any(JsonValues));

    private string Number() => OneIn(2) ? Any("1", "2", "60") : Any("1", "2", "-1", "0", "1.0", "1.5", "1e2", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "315360000000", "99999999999999999999999999", "\"1\"", "null", "true", Any(JsonValues),
        new string('9', Any(99, 100, 101, 5_000)));

    private string Many(string name, Func<string> one) => Members(() => $"\"{name}\":{List(one)}");

    private string List(Func<string> one)
    {
        if (OneIn(15))
            return Any(JsonValues);
        var count = OneIn(20) ? Any(127, 128, 129, 1_000, 1_001) : Random.Next(6);
        return "[" + string.Join(",", Enumerable.Range(0, count).Select(_ => OneIn(30) ? Any(JsonValues) : count > 10 ? "{\"op\":\"put\",\"key\":\"k\",\"value\":1}" : one())) + "]";
    }

    // Mostly one of each.
    private string Members(params Func<string>[] members)
    {
        var written = members.SelectMany(member => Enumerable.Range(0, OneIn(12) ? Any(0, 2) : 1).Select(_ => member())).ToList();
        if (OneIn(15))
            written.Add($"{Any("\"\\ud800\"", "\"\\u0000\"", "\"\"", "\"key\"", "name", "1")}:{Any(JsonValues)}");
        return "{" + string.Join(OneIn(40) ? Any(",,", " ") : ",", written) + (OneIn(40) ? Any("", ",}", "}}") : "}");
    }
}

using static KvAspire.Gateway.Tests.Fixtures.Fate;

namespace KvAspire.Gateway.Tests.Fixtures;

/// <summary>The requests of <see cref="AbuseTests"/>.</summary>
internal static class AbuseTable
{
    private const string Identified = "Host: {host}\r\nAuthorization: Bearer {token}\r\n";
    private const string Close = "Connection: close\r\n";
    private const string Chunked = "Transfer-Encoding: chunked";
    private const string Hello = "5\r\nhello\r\n0\r\n\r\n";

    public static IReadOnlyList<AbuseCase> All { get; } = [.. Lengths(), .. Codings(), .. Chunks(), .. Headers(), .. HopByHop(), .. RequestLines(), .. Paths()];

    // Content-Length (RFC 9112, section 6.2). Only the valid ones ask to close the connection.
    private static IEnumerable<AbuseCase> Lengths() =>
    [
        new("two lengths", Put("Content-Length: 5\r\nContent-Length: 6", "hello"), RefusedByServer, 400),
        new("the same length twice", Put("Content-Length: 5\r\nContent-Length: 5", "hello"), RefusedByServer, 400),
        .. Each(length => new($"a length of '{Shown(length)}'", Put($"Content-Length: {length}", "hello"), RefusedByServer, 400),
            "5,5", "5, 6", "-5", "5 5", "0x5", "5.0", "1e1", "5;", "", "\"5\"", "99999999999999999999", "\u00b2", "5\u000b", "\u00ef\u00bc\u0095"),
        new("a length with a sign, which the server takes for a number", Put($"Content-Length: +5\r\n{Close.Trim()}", "hello"), Forwarded, 200) { Bytes = 5 },
        new("a length with a zero in front", Put($"Content-Length: 05\r\n{Close.Trim()}", "hello"), Forwarded, 200) { Bytes = 5 },
        new("a length with white space around", Put($"Content-Length: \t5 \r\n{Close.Trim()}", "hello"), Forwarded, 200) { Bytes = 5 },
        new("a space before a length's colon", Put("Content-Length : 5", "hello"), RefusedByServer, 400),
        new("a tab before a length's colon", Put("Content-Length\t: 5", "hello"), RefusedByServer, 400),
        new("a length on a folded line", Put("X-Fold: a\r\n Content-Length: 5", "hello"), RefusedByServer, 400),
        new("a length under another name", Put($"Content_Length: 500\r\nContent-Length: 5\r\n{Close.Trim()}", "hello"), Forwarded, 200) { Bytes = 5 },
        new("more body than its length", Put($"Content-Length: 5\r\n{Close.Trim()}", "hello, world"), Forwarded, 200) { Bytes = 5 },
    ];

    // Transfer-Encoding (RFC 9112, sections 6.1 and 6.3): only "chunked", once, without Content-Length.
    private static IEnumerable<AbuseCase> Codings() =>
    [
        new("a length and chunks", Put($"Content-Length: 4\r\n{Chunked}", Hello), RefusedByGateway, 400),
        new("chunks and a length", Put($"{Chunked}\r\nContent-Length: 4", Hello), RefusedByGateway, 400),
        new("a length of zero and chunks", Put($"Content-Length: 0\r\n{Chunked}", Hello), RefusedByGateway, 400),
        new("chunks of nothing and a length", Put($"Content-Length: 6\r\n{Chunked}", "0\r\n\r\nG"), RefusedByGateway, 400),
        new("Kestrel's name for a length beside chunks", Put($"{Chunked}\r\nX-Content-Length: 4", Hello), RefusedByGateway, 400),
        new("a length and chunks and Kestrel's name for the length", Put($"Content-Length: 4\r\nX-Content-Length: 4\r\n{Chunked}", Hello), Unanswered, 0),
        .. Each(coding => new($"a coding of '{Shown(coding)}'", Put($"Transfer-Encoding: {coding}", Hello), RefusedByGateway, 400),
            "gzip, chunked", "identity, chunked", "chunked, chunked", "x, chunked", "gzip,chunked", ", chunked", "chunked\r\nTransfer-Encoding: chunked", "identity\r\nTransfer-Encoding: chunked"),
        .. Each(coding => new($"a coding of '{Shown(coding)}'", Put($"Transfer-Encoding: {coding}", Hello), RefusedByServer, 400),
            "gzip", "identity", "chunked, gzip", "chunked, identity", "xchunked", "chunkedx", "chunked;q=1", "\"chunked\"", "chunked chunked", "chunked\r\nTransfer-Encoding: identity", "", "\u000bchunked", "chunked\0", "\r\n chunked", "\n chunked"),
        new("a space before a coding's colon", Put("Transfer-Encoding : chunked\r\nContent-Length: 5", Hello), RefusedByServer, 400),
        new("a coding in capitals", Put($"Transfer-Encoding: CHUNKED\r\n{Close.Trim()}", Hello), Forwarded, 200) { Bytes = 5 },
        new("a coding after a tab", Put($"Transfer-Encoding:\tchunked\r\n{Close.Trim()}", Hello), Forwarded, 200) { Bytes = 5 },
        new("a coding under another name", Put($"Transfer_Encoding: chunked\r\nContent-Length: 5\r\n{Close.Trim()}", "hello"), Forwarded, 200) { Bytes = 5 },
        new("chunks in HTTP/1.0", Put(Chunked, Hello, "HTTP/1.0"), RefusedByGateway, 400),
        new("chunks in HTTP/1.0 with keep-alive", Put($"{Chunked}\r\nConnection: keep-alive", Hello, "HTTP/1.0"), RefusedByGateway, 400),
        new("a length and chunks in HTTP/1.0", Put($"Content-Length: 4\r\n{Chunked}", Hello, "HTTP/1.0"), RefusedByGateway, 400),
        new("an invalid coding on no route", $"POST /internal/{{key}} HTTP/1.1\r\n{Identified}Transfer-Encoding: gzip, chunked\r\n\r\n{Hello}", RefusedByGateway, 400),
        new("an invalid coding at the gateway's own health", $"GET /health?{{key}} HTTP/1.1\r\n{Identified}Transfer-Encoding: gzip, chunked\r\n\r\n{Hello}", RefusedByGateway, 400),
    ];

    // Chunks (RFC 9112, section 7.1). The service may already have begun.
    private static IEnumerable<AbuseCase> Chunks() =>
    [
        .. Each(chunks => new($"chunks like '{Shown(chunks)}'", Put(Chunked, chunks), Broken, 400),
            "-5\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "G\r\nhello\r\n0\r\n\r\n", "\r\nhello\r\n0\r\n\r\n", " 5\r\nhello\r\n0\r\n\r\n",
            "5 5\r\nhello\r\n0\r\n\r\n", "FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n", "80000000\r\nhello\r\n0\r\n\r\n", "100000005\r\nhello\r\n0\r\n\r\n", "5\nhello\r\n0\r\n\r\n", "5\rhello\r\n0\r\n\r\n", "5\r\nhello0\r\n\r\n", "5\r\nhello, world\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n",
            "5;x\nhello\r\n0\r\n\r\n", "5;\n\r\nhello\r\n0\r\n\r\n", "5;x\rhello\r\n0\r\n\r\n", "5;x\r\rhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\nX\r\n\r\n", "5\r\nhello\r\n0\r\nX : 1\r\n\r\n", "5\r\nhello\r\n0\r\nX: \0\r\n\r\n"),
        new("chunks with extensions", Put($"{Chunked}\r\n{Close.Trim()}", "5;a=b;c=\"d\"\r\nhello\r\n0;e\r\n\r\n"), Forwarded, 200) { Bytes = 5 },
        new("an extension of 100,000 bytes", Put($"{Chunked}\r\n{Close.Trim()}", $"5;{new string('x', 100_000)}\r\nhello\r\n0\r\n\r\n"), Forwarded, 200) { Bytes = 5 },
        new("trailer fields that would be headers", Put($"{Chunked}\r\nTrailer: X-Role, Authorization\r\n{Close.Trim()}", "5\r\nhello\r\n0\r\nX-Role: admin\r\nContent-Length: 9\r\nAuthorization: x\r\n\r\n"), Forwarded, 200)
            { Bytes = 5, Without = ["Trailer", "X-Role", "Content-Length"] },
        new("trailer fields of 40,000 bytes", Put(Chunked, $"5\r\nhello\r\n0\r\nX: {new string('x', 40_000)}\r\n\r\n"), Broken, 431),
    ];

    private static IEnumerable<AbuseCase> Headers() =>
    [
        .. Each(header => new($"a header like '{Shown(header)}'", Get("/api/data/{key}", header + "\r\n", close: ""), RefusedByServer, 400),
            "X-Fold: a\r\n b", "X-Fold: a\r\n\tb", "X-Space : a", "X-None", ": a", "X-Cr: a\rb", "X-Cr: a\r", "X-Lf: a\nX-Other: b", "X-Nul: a\0b", "X-\0: a", "X a: b", "X\u00e9: b", "X-Latin: \u00e9", "X-Overlong: \u00c0\u00ae",
            "Host: {host}", "Host: other.example"),
        .. Each(host => new($"a host like '{host}'", $"GET /api/data/{{key}} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {{token}}\r\n\r\n", RefusedByServer, 400),
            "a/b", "a@b", "a b", "a,b", "[::1", "a:b:c", "a\\b", "a#b", "a?b"),
        new("a header with an invalid name", Get("/api/data/{key}", "X(a): b\r\n"), Forwarded, 200) { Without = ["X(a)"] },
        new("no host", "GET /api/data/{key} HTTP/1.1\r\nAuthorization: Bearer {token}\r\n\r\n", RefusedByServer, 400),
        new("line feeds only", "GET /api/data/{key} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {token}\n\n", RefusedByServer, 400),
        new("a folded line before any header", $"GET /api/data/{{key}} HTTP/1.1\r\n X: a\r\n{Identified}\r\n", RefusedByServer, 400),
        new("the token twice", Get("/api/data/{key}", "Authorization: Bearer {token}\r\n"), RefusedByGateway, 401),
        new("a token and another", Get("/api/data/{key}", "Authorization: Basic dTpw\r\n"), RefusedByGateway, 401),
        new("90 headers", Get("/api/data/{key}", Many(87)), Forwarded, 200),
        new("100 headers, which with those of the gateway are too many for the service", Get("/api/data/{key}", Many(97)), RefusedByServer, 431),
        new("101 headers", Get("/api/data/{key}", Many(99), close: ""), RefusedByServer, 431),
        new("headers of 31,000 bytes", Get("/api/data/{key}", $"X-Long: {new string('x', 31_000)}\r\n"), Forwarded, 200),
        new("a header of 33,000 bytes", Get("/api/data/{key}", $"X-Long: {new string('x', 33_000)}\r\n", close: ""), RefusedByServer, 431),
        new("headers of 33,000 bytes", Get("/api/data/{key}", string.Concat(Enumerable.Range(0, 33).Select(n => $"X-{n}: {new string('x', 1_000)}\r\n")), close: ""), RefusedByServer, 431),
        new("an unknown expectation", Get("/api/data/{key}", "Expect: nonsense\r\n"), Forwarded, 200),
        new("another method in a header", Get("/api/data/{key}", "X-HTTP-Method-Override: DELETE\r\nX-Method: PUT\r\n"), Forwarded, 200),
        new("another target in a header", Get("/api/data/{key}", "X-Original-URL: /internal/a\r\nX-Rewrite-URL: /internal/a\r\n"), Forwarded, 200) { Without = ["X-Original-URL", "X-Rewrite-URL"] },
    ];

    // Hop-by-hop headers (RFC 9110, section 7.6.1). If "close" is the only option that Kestrel knows, Kestrel shows only that
    // one, hence "keep-alive".
    private static IEnumerable<AbuseCase> HopByHop() =>
    [
        new("trailer fields that are only announced", Get("/api/data/{key}", "Trailer: Authorization\r\n"), Forwarded, 200) { Without = ["Trailer"] },
        new("headers that Connection names", Get("/api/data/{key}", "X-Hop: a\r\nX-Other: b\r\nConnection: X-Hop , x-other,,keep-alive\r\n"), Forwarded, 200) { Without = ["X-Hop", "X-Other", "Connection", "Keep-Alive"] },
        new("a header of two values that Connection names", Get("/api/data/{key}", "X-Hop: a\r\nX-Hop: b\r\nConnection: keep-alive, x-hop\r\n"), Forwarded, 200) { Without = ["X-Hop"] },
        new("a token that Connection names", Get("/api/data/{key}", "Connection: keep-alive, authorization\r\n"), RefusedByGateway, 401),
        new("a host that Connection names", Get("/api/data/{key}", "Connection: keep-alive, host\r\n"), Forwarded, 200),
        new("a length that Connection names", Put("Content-Length: 5\r\nConnection: close, keep-alive, content-length", "hello"), Forwarded, 200) { Bytes = 5 },
        new("a coding that Connection names", Put($"{Chunked}\r\nConnection: close, keep-alive, transfer-encoding", Hello), Forwarded, 200) { Bytes = 5, Without = ["Transfer-Encoding"] },
        new("a client's address that Connection names", Get("/api/data/{key}", "Connection: keep-alive, X-Forwarded-For\r\n"), Forwarded, 200),
        new("trailers and other codings accepted", Get("/api/data/{key}", "TE: gzip, deflate;q=0.5\r\nConnection: TE\r\n"), Forwarded, 200) { Without = ["TE"] },
        new("other codings accepted", Get("/api/data/{key}", "TE: gzip\r\n"), Forwarded, 200) { Without = ["TE"] },
        new("headers for a proxy", Get("/api/data/{key}", "Proxy-Authorization: Basic dTpw\r\nProxy-Connection: keep-alive\r\nKeep-Alive: timeout=9\r\n"), Forwarded, 200) { Without = ["Proxy-Authorization", "Proxy-Connection", "Keep-Alive"] },
        new("an upgrade to HTTP/2", Get("/api/data/{key}", "Connection: Upgrade, HTTP2-Settings, keep-alive\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"), Forwarded, 200) { Without = ["Upgrade", "HTTP2-Settings"] },
        new("an upgrade to HTTP/2 that Connection does not name", Get("/api/data/{key}", "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"), Forwarded, 200) { Without = ["Upgrade", "HTTP2-Settings"] },
    ];

    private static IEnumerable<AbuseCase> RequestLines() =>
    [
        .. Each(line => new($"a request line like '{Shown(line)}'", $"{line}\r\n{Identified}\r\n", RefusedByServer, 400),
            "GET /api/data/{key}", "GET", "GET /api/data/{key} HTTP/1", "GET  /api/data/{key} HTTP/1.1", "GET\t/api/data/{key}\tHTTP/1.1", " GET /api/data/{key} HTTP/1.1", "G\0T /api/data/{key} HTTP/1.1",
            "G(T /api/data/{key} HTTP/1.1", "GET api/data/{key} HTTP/1.1", "GET http://other.example/api/data/{key} HTTP/1.1", "GET http:///api/data/{key} HTTP/1.1", "GET \\api\\data\\{key} HTTP/1.1",
            "GET /api/data/{key} HTTP/1.1 HTTP/1.1", "GET /api/data/{key}\0 HTTP/1.1", "GET /api/data/{key}%00 HTTP/1.1", "GET /api/data/{key}\u00e9 HTTP/1.1", "GET /api/admin%00/{key} HTTP/1.1"),
        .. Each(version => new($"a version of {version}", $"GET /api/data/{{key}} {version}\r\n{Identified}\r\n", RefusedByServer, 505),
            "HTTP/1.2", "HTTP/2.0", "HTTP/3.0", "HTTP/9.9", "http/1.1"),
        new("a target of 9,000 bytes", Get($"/api/data/{{key}}?{new string('x', 9_000)}", close: ""), RefusedByServer, 414),
        new("a method of 9,000 bytes", $"{new string('X', 9_000)} /api/data/{{key}} HTTP/1.1\r\n{Identified}\r\n", RefusedByServer, 414),
        new("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Unanswered, 0),
        new("the authority as a target", Get("{host}", close: ""), RefusedByServer, 405),
        new("the server as a target", Get("*", close: ""), RefusedByServer, 405),
        new("a method in small letters", $"get /api/data/{{key}} HTTP/1.1\r\n{Identified}{Close}\r\n", Forwarded, 200),
        new("TRACE", $"TRACE /api/data/{{key}} HTTP/1.1\r\n{Identified}{Close}\r\n", RefusedByGateway, 405),
        new("CONNECT", $"CONNECT {{host}} HTTP/1.1\r\n{Identified}{Close}\r\n", RefusedByGateway, 400),
        new("CONNECT to a path", $"CONNECT /api/data/{{key}} HTTP/1.1\r\n{Identified}{Close}\r\n", RefusedByGateway, 405),
        new("OPTIONS of the server", $"OPTIONS * HTTP/1.1\r\n{Identified}{Close}\r\n", RefusedByGateway, 400),
        new("a target with our authority", Get("http://{host}/api/data/{key}"), Forwarded, 200),
        new("a target with our authority and no path", Get("http://{host}"), RefusedByGateway, 400),
        new("a target with our authority and dot segments", Get("http://{host}/api/data/../data/{key}"), RefusedByGateway, 400),
        new("a target with our authority and backslashes", Get("http://{host}/api\\data\\{key}"), RefusedByGateway, 400),
        new("an empty line before the request", $"\r\n{Get("/api/data/{key}")}", Forwarded, 200),
    ];

    private static IEnumerable<AbuseCase> Paths() =>
    [
        // 1. Targets that another server could resolve or read differently.
        .. Each(target => new($"a target like '{Shown(target)}'", Get(target), RefusedByGateway, 400),
            "/api/data/../data/{key}", "/api/data/./{key}", "/./api/data/{key}", "/api/data/{key}/..", "/api/data/%2e%2e/%2e%2e/internal/owners/{key}", "/api/data/%2E%2E/admin/users/{key}", "/api/data/.%2e/admin/{key}", "/api/data/%2e./admin/{key}", "/%2e%2e/internal/{key}",
            "/api/../internal/owners/{key}", "/health/../internal/owners/{key}", "/../../internal/{key}", "/api/data/{key};/../../internal/x", "/api/data/{key}/%2e", "/api/data/{key}\u007f", "/api/data/{key}\tx", "/api/data/{key}\u000bx",
            "/api/data/{key}#fragment", "/api/data/{key}#", "/api/data/{key}?a=b#fragment", "/#/api/data/{key}", "/api/data?key={key}#", "http://{host}/api/data/{key}#fragment", "http://{host}#/api/data/{key}"),
        // 2. Targets that are on no route.
        .. Each(target => new($"a target like '{Shown(target)}'", Get(target), RefusedByGateway, 404),
            "//api/data/{key}", "///api/data/{key}", "/api//data/{key}", "//internal/owners/{key}", "/internal/owners/{key}", "/INTERNAL/owners/{key}", "/%69nternal/owners/{key}", "/;/internal/owners/{key}", "/..;/internal/owners/{key}", "/api/..;/internal/owners/{key}", "/api/token/..;/admin/{key}",
            "/api\\data\\{key}", "/api\\..\\internal\\{key}", "/api%2fdata%2f{key}", "/api%2Fadmin/{key}", "/api%5cdata/{key}", "/api/data;a/{key}", "/api/admin;/{key}", "/api/data%2f..%2fadmin/{key}", "/%2fapi/data/{key}", "/%252e%252e/internal/{key}", "/api/admin%20/{key}", "/.../{key}"),
        // 3. Targets on the administration's route, which needs another scope.
        .. Each(target => new($"a target like '{Shown(target)}'", Get(target), RefusedByGateway, 403),
            "/api/admin/{key}", "/API/Admin/{key}", "/api/%61dmin/{key}", "/api/admin//{key}", "/api/admin/..;/data/{key}", "/api/admin/{key}/", "/api/admin/..%2fdata/{key}"),
        // 4. Targets that are keys, and are passed on unchanged.
        .. Each(target => new($"a target like '{Shown(target)}'", Get(target), Forwarded, 200, target),
            "/api/data/..;/..;/internal/{key}", "/api/data/..%2f..%2finternal%2f{key}", "/api/data/%2e%2e%2f%2e%2e%2finternal/{key}", "/api/data/..%5c..%5cinternal/{key}", "/api/data/..\\..\\internal\\{key}", "/api/data//{key}", "/api/data///..;//{key}", "/api/data/%252e%252e/{key}", "/api/data/%c0%ae%c0%ae/{key}",
            "/api/data/%u002e%u002e/{key}", "/api/data/{key}%0d%0aX-Injected:%201", "/api/data/{key}%23x", "/api/data/{key}%3f/...x", "/api/data/%2f%2fother.example/{key}", "/api/data/http://other.example/{key}", "/api/data/@other.example/{key}", "/api/data/{key}?/../../internal/x", "/api/data/{key}%"),
    ];

    private static IEnumerable<AbuseCase> Each(Func<string, AbuseCase> abuse, params string[] texts) => texts.Select(abuse);

    private static string Get(string target, string headers = "", string close = Close) => $"GET {target} HTTP/1.1\r\n{Identified}{close}{headers}\r\n";

    private static string Put(string headers, string body, string version = "HTTP/1.1") => $"PUT /api/data/{{key}} {version}\r\n{Identified}{headers}\r\n\r\n{body}";

    private static string Many(int count) => string.Concat(Enumerable.Range(0, count).Select(n => $"X-{n}: {n}\r\n"));

    // Unambiguous, printable and short: the name of a test.
    private static string Shown(string text)
    {
        var shown = string.Concat(text.Select(letter => letter is >= ' ' and <= '~' ? letter.ToString() : letter switch { '\r' => "\\r", '\n' => "\\n", '\t' => "\\t", _ => $"\\x{(int)letter:x2}" }));
        return shown.Length > 80 ? shown[..80] + "…" : shown;
    }
}

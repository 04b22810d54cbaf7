using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace KvAspire.TestKit;

/// <summary>
/// Requests that nobody in good faith would send, made up from a seed: bodies that are no JSON or no form, or of the wrong
/// types, sizes, depths and encodings, under content types that are not theirs, in frames that lie about their length. They
/// are written by hand, since a client library would refuse to send most of them.
/// </summary>
public sealed class HostileRequests(Uri address, int seed)
{
    /// <summary>The endpoints that anybody may post to.</summary>
    public static readonly string[] Endpoints = ["/api/register", "/api/token", "/connect/token", "/connect/revocation", "/connect/introspect"];

    private const int Parallel = 8;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <summary>Sends so many to an endpoint.</summary>
    /// <returns>How often each status was answered (0: the connection was closed), and the requests that got a 5xx.</returns>
    public async Task<(IReadOnlyDictionary<int, int> Statuses, IReadOnlyList<string> Failures)> SendAsync(
        string path, int count, CancellationToken cancellationToken)
    {
        ConcurrentDictionary<int, int> statuses = [];
        ConcurrentQueue<string> failures = [];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken };
        await System.Threading.Tasks.Parallel.ForAsync(0, count, options, async (number, cancel) =>
        {
            // Each from a seed of its own, so that one can be sent again alone.
            var random = new Random(unchecked((seed * 7_919) + number));
            var (request, endsThere) = new HostileRequest(random, path).Bytes(address.Authority);
            var (status, answer) = await ExchangeAsync(request, endsThere, cancel);
            statuses.AddOrUpdate(status, 1, (_, times) => times + 1);
            if (status >= 500)
                failures.Enqueue($"seed {seed}, number {number}: {answer}\n{Encoding.Latin1.GetString(request.AsSpan(0, Math.Min(request.Length, 2_000)))}");
        });
        return (statuses, [.. failures]);
    }

    private async Task<(int Status, string Answer)> ExchangeAsync(byte[] request, bool endsThere, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        using var socket = new TcpClient();
        await socket.ConnectAsync(address.Host, address.Port, timeout.Token);
        var stream = socket.GetStream();
        var answer = new MemoryStream();
        try
        {
            await stream.WriteAsync(request, timeout.Token);
            if (endsThere)
                socket.Client.Shutdown(SocketShutdown.Send); // else a server that was promised more waits for it
            await stream.CopyToAsync(answer, timeout.Token);
        }
        catch (IOException)
        {
            // The server has heard enough. It may have answered before.
            await TryReadAsync(stream, answer, timeout.Token);
        }

        var text = Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length);
        return text.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) && text.Length >= 12
            ? (int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture), text[..Math.Min(text.Length, 1_000)])
            : (0, text);
    }

    private static async Task TryReadAsync(NetworkStream stream, MemoryStream answer, CancellationToken cancellationToken)
    {
        try
        {
            await stream.CopyToAsync(answer, cancellationToken);
        }
        catch (IOException)
        {
            // Nothing more.
        }
    }
}

/// <summary>One of them.</summary>
internal sealed class HostileRequest(Random random, string path)
{
    private const string Json = "application/json", Form = "application/x-www-form-urlencoded";

    private static readonly Dictionary<string, string[]> Fields = new()
    {
        ["/api/register"] = ["username", "email", "password", "full_name", "age", "gender"],
        ["/api/token"] = ["username", "password", "grant_type", "refresh_token"],
        ["/connect/token"] = ["grant_type", "username", "password", "refresh_token", "client_id", "client_secret", "scope"],
        ["/connect/revocation"] = ["token", "token_type_hint", "client_id", "client_secret"],
        ["/connect/introspect"] = ["token", "token_type_hint", "client_id", "client_secret"],
    };

    private static readonly string[] ContentTypes =
    [
        "", "text/plain", "*/*", "application/json; charset=utf-16", "application/json; charset=\"utf-8\"", "application/json;;;", "application/json; charset=",
        "application/json; charset=utf-8; charset=utf-7", "application/problem+json", "application/+json", "application/json; boundary=x", "Application/JSON", "application/json, text/plain",
        "application/x-www-form-urlencoded; charset=utf-7", "application/x-www-form-urlencoded;charset=iso-8859-1", "application/x-www-form-urlencoded; charset=nonsense", "multipart/form-data",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=x", "application/octet-stream", "application/json; q=\"", "json", "/", ";", "application/\u00e9", "application/json; x=" + new string('y', 4_000),
    ];

    private static readonly string[] Texts =
    [
        "", " ", "\0", "a\0b", "\u202e\u0663", "\ufeff", "\u2028", "\ud83d\ude00", "\u1e9e", "\ufffe", "\udbff\udfff", "e" + new string('\u0301', 300), new string('\ufdfa', 1_000), new string('\u00df', 128),
        "' OR 1=1 --", "%00", "%", "%ff%fe", "${jndi:ldap://x}", "{0}{1}{999999}", "../../etc/passwd", "<script>", "\r\nSet-Cookie: a=b", "admin", "ADMIN", "a@b.c", "a@" + new string('b', 300) + ".c", "\"@\"", "nobody",
        "password", "refresh_token", "client_credentials", "authorization_code", "kvaspire", "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJIUzI1NiIsImtpZCI6Ii4uLy4uLyJ9.eyJzdWIiOiJhIn0.AAAA", "....", "a.b.c.d.e", "kva_aaaaaaaa_b",
        new string('A', 43), new string('-', 43), "00000000-0000-0000-0000-000000000000", "kv:read kv:admin", "kv:internal", new string('x', 128), new string('x', 5_000), new string('\u4e00', 15_000),
    ];

    private static readonly string[] JsonValues =
    [
        "null", "true", "false", "0", "-0", "-1", "30.0", "3e1", "1e400", "-1e400", "1e-400", "99999999999999999999999999", "0.1e", "01", "+1", "NaN", "Infinity", "0x10", "[]", "{}", "[[]]", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u0000\"",
        "\"\\x41\"", "\"\\u12\"", "\"unfinished", "'single'", "undefined", "\"tab\there\"", "{\"a\":{\"a\":{\"a\":1}}}", "\"\\\\\"",
    ];

    private bool IsForm => path.StartsWith("/connect", StringComparison.Ordinal);

    /// <summary>As it goes over the wire, and whether nothing comes after it.</summary>
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

    // Mostly as it should be; else in a frame that is broken, or that says something else than what is in it.
    private bool Frame(StringBuilder head, byte[] body, MemoryStream bytes)
    {
        switch (random.Next(20))
        {
            case 0: // more is promised
                Write(bytes, head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length + 1 + random.Next(1000)}\r\n\r\n").ToString());
                bytes.Write(body);
                return true;
            case 1: // less is promised
                Write(bytes, head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length / 2}\r\n\r\n").ToString());
                bytes.Write(body);
                return true;
            case 2:
                Write(bytes, head.Append(Any(
                    "Content-Length: -1", "Content-Length: 99999999999999999999", "Content-Length: 5\r\nContent-Length: 6", "Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked",
                    "Transfer-Encoding: nonsense", "X-None: 1", "Content-Length: 0x10", "Content-Length: 4000000000")).Append("\r\n\r\n").ToString());
                bytes.Write(body);
                return true;
            case 3: // chunks that are none
                Write(bytes, head.Append("Transfer-Encoding: chunked\r\n\r\n").Append(Any("zz\r\n", "-1\r\n", "FFFFFFFFFFFFFFFFFF\r\n", "5;ext=\"\r\n", "\r\n", "5\r\nab\r\n0\r\n\r\n")).ToString());
                bytes.Write(body);
                return true;
            case < 9:
                Write(bytes, head.Append("Transfer-Encoding: chunked\r\n\r\n").ToString());
                for (var at = 0; at < body.Length;)
                {
                    var size = Math.Min(body.Length - at, 1 + random.Next(Math.Max(16, body.Length / 4)));
                    Write(bytes, $"{size:x}{(OneIn(5) ? ";a=b" : "")}\r\n");
                    bytes.Write(body, at, size);
                    Write(bytes, "\r\n");
                    at += size;
                }

                Write(bytes, OneIn(5) ? "0\r\nX-Trailer: 1\r\n\r\n" : "0\r\n\r\n");
                return false;
            default:
                Write(bytes, head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n").ToString());
                bytes.Write(body);
                return false;
        }
    }

    private byte[] Damage(byte[] body)
    {
        switch (random.Next(16))
        {
            case 0:
                return body[..random.Next(body.Length + 1)];
            case 1:
                return [.. body, .. RandomBytes(1 + random.Next(20))];
            case 2:
                for (var flips = 1 + random.Next(4); flips > 0 && body.Length > 0; flips--)
                    body[random.Next(body.Length)] = (byte)random.Next(256);
                return body;
            case 3:
                return [0xEF, 0xBB, 0xBF, .. body];
            case 4:
                return Any(Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32).GetBytes(Encoding.UTF8.GetString(body));
            case 5:
                return Insert(body, Any<byte[]>([0], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xFF], [0xF5, 0x80, 0x80, 0x80], [0x80], [0xC3]));
            case 6 when OneIn(10):
                return [.. Enumerable.Repeat((byte)'{', 200_000)];
            case 6:
                return RandomBytes(random.Next(300));
            default:
                return body;
        }
    }

    private byte[] JsonBody()
    {
        switch (random.Next(12))
        {
            case 0:
                return Utf8(Any(JsonValues));
            case 1:
                var depth = Any(10, 255, 256, 300, 10_000);
                return Utf8(string.Concat(Enumerable.Repeat(Any("[", "{\"a\":"), depth)) + "1" + new string(']', random.Next(depth)));
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

    // A name with a password costs a hash, whatever they are: few are to get so far.
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
            return Any("own-client", "reader", "kvaspire");

        var text = Any(Texts);
        return random.Next(4) switch
        {
            0 => text,
            1 => Any("%00", "%FF%FE", "%C0%80", "%ED%A0%80", "%", "%4", "%zz", "%u0041", "%25%30%30", "+"),
            _ => Uri.EscapeDataString(text),
        };
    }

    private byte[] Insert(byte[] body, byte[] what)
    {
        var at = random.Next(body.Length + 1);
        return [.. body[..at], .. what, .. body[at..]];
    }

    private byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private bool OneIn(int times) => random.Next(times) == 0;

    private T Any<T>(params T[] choices) => choices[random.Next(choices.Length)];

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static void Write(MemoryStream bytes, string text) => bytes.Write(Encoding.Latin1.GetBytes(text));
}

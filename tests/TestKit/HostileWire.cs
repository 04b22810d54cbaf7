using System.Globalization;
using System.Text;

namespace KvAspire.TestKit;

/// <summary>The parts of hostile requests: texts, numbers, content types, damaged bodies, and wrong framing.</summary>
internal abstract class HostileWire(Random random)
{
    protected static readonly string[] ContentTypes =
    [
        "", "text/plain", "*/*", "application/json; charset=utf-16", "application/json; charset=\"utf-8\"", "application/json;;;", "application/json; charset=",
        "application/json; charset=utf-8; charset=utf-7", "application/problem+json", "application/+json", "application/json; boundary=x", "Application/JSON", "application/json, text/plain",
        "application/x-www-form-urlencoded; charset=utf-7", "application/x-www-form-urlencoded;charset=iso-8859-1", "application/x-www-form-urlencoded; charset=nonsense", "multipart/form-data",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=x", "application/octet-stream", "application/json; q=\"", "json", "/", ";", "application/\u00e9", "application/json; x=" + new string('y', 4_000),
    ];

    protected static readonly string[] Texts =
    [
        "", " ", "\0", "a\0b", "\u202e\u0663", "\ufeff", "\u2028", "\ud83d\ude00", "\u1e9e", "\ufffe", "\udbff\udfff", "e" + new string('\u0301', 300), new string('\ufdfa', 1_000), new string('\u00df', 128),
        "' OR 1=1 --", "%00", "%", "%ff%fe", "${jndi:ldap://x}", "{0}{1}{999999}", "../../etc/passwd", "<script>", "\r\nSet-Cookie: a=b", "admin", "ADMIN", "a@b.c", "a@" + new string('b', 300) + ".c", "\"@\"", "nobody",
        "password", "refresh_token", "client_credentials", "authorization_code", "kvaspire", "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJIUzI1NiIsImtpZCI6Ii4uLy4uLyJ9.eyJzdWIiOiJhIn0.AAAA", "....", "a.b.c.d.e", "kva_aaaaaaaa_b",
        new string('A', 43), new string('-', 43), "00000000-0000-0000-0000-000000000000", "kv:read kv:admin", "kv:internal", new string('x', 128), new string('x', 5_000), new string('\u4e00', 15_000),
    ];

    protected static readonly string[] JsonValues =
    [
        "null", "true", "false", "0", "-0", "-1", "30.0", "3e1", "1e400", "-1e400", "1e-400", "99999999999999999999999999", "0.1e", "01", "+1", "NaN", "Infinity", "0x10", "[]", "{}", "[[]]", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u0000\"",
        "\"\\x41\"", "\"\\u12\"", "\"unfinished", "'single'", "undefined", "\"tab\there\"", "{\"a\":{\"a\":{\"a\":1}}}", "\"\\\\\"",
    ];

    /// <summary>
    /// Whether the bytes are no valid HTTP request: the server may then answer without a body, or close the connection without a
    /// response.
    /// </summary>
    public bool IsNoHttp { get; protected set; }

    protected Random Random => random;

    /// <summary>Mostly correct framing; else broken framing, or framing that contradicts the body.</summary>
    protected bool Frame(StringBuilder head, byte[] body, MemoryStream bytes)
    {
        switch (Random.Next(20))
        {
            case 0: // more is promised
                IsNoHttp = true;
                Write(bytes, head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length + 1 + Random.Next(1000)}\r\n\r\n").ToString());
                bytes.Write(body);
                return true;
            case 1: // less is promised, and what is left over is none
                IsNoHttp = true;
                Write(bytes, head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length / 2}\r\n\r\n").ToString());
                bytes.Write(body);
                return true;
            case 2:
                IsNoHttp = true;
                Write(bytes, head.Append(Any(
                    "Content-Length: -1", "Content-Length: 99999999999999999999", "Content-Length: 5\r\nContent-Length: 6", "Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked",
                    "Transfer-Encoding: nonsense", "X-None: 1", "Content-Length: 0x10", "Content-Length: 4000000000")).Append("\r\n\r\n").ToString());
                bytes.Write(body);
                return true;
            case 3: // chunks that are none
                IsNoHttp = true;
                Write(bytes, head.Append("Transfer-Encoding: chunked\r\n\r\n").Append(Any("zz\r\n", "-1\r\n", "FFFFFFFFFFFFFFFFFF\r\n", "5;ext=\"\r\n", "\r\n", "5\r\nab\r\n0\r\n\r\n")).ToString());
                bytes.Write(body);
                return true;
            case < 9:
                Write(bytes, head.Append("Transfer-Encoding: chunked\r\n\r\n").ToString());
                for (var at = 0; at < body.Length;)
                {
                    var size = Math.Min(body.Length - at, 1 + Random.Next(Math.Max(16, body.Length / 4)));
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

    protected byte[] Damage(byte[] body)
    {
        switch (Random.Next(16))
        {
            case 0:
                return body[..Random.Next(body.Length + 1)];
            case 1:
                return [.. body, .. RandomBytes(1 + Random.Next(20))];
            case 2:
                for (var flips = 1 + Random.Next(4); flips > 0 && body.Length > 0; flips--)
                    body[Random.Next(body.Length)] = (byte)Random.Next(256);
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
                return RandomBytes(Random.Next(300));
            default:
                return body;
        }
    }

    protected byte[] Insert(byte[] body, byte[] what)
    {
        var at = Random.Next(body.Length + 1);
        return [.. body[..at], .. what, .. body[at..]];
    }

    protected byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        Random.NextBytes(bytes);
        return bytes;
    }

    protected bool OneIn(int times) => Random.Next(times) == 0;

    protected T Any<T>(params T[] choices) => choices[Random.Next(choices.Length)];

    protected static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    protected static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    protected static void Write(MemoryStream bytes, string text) => bytes.Write(Encoding.Latin1.GetBytes(text));
}

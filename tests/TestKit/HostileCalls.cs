using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KvAspire.TestKit;

/// <summary>
/// Requests to the API of the data by somebody who may use it, and uses it as nobody in good faith would: made up from a
/// seed, with targets, queries, cursors, methods, headers and bodies that are nearly, or not at all, what they should be.
/// </summary>
/// <param name="address">The gateway.</param>
/// <param name="token">A valid token that reads and writes.</param>
/// <param name="seed">What they are made up from.</param>
public sealed class HostileCalls(Uri address, string token, int seed)
{
    /// <summary>Sends so many.</summary>
    /// <returns>How often each status was answered (0: the connection was closed), and what nobody should be answered.</returns>
    public Task<(IReadOnlyDictionary<int, int> Statuses, IReadOnlyList<string> Failures)> SendAsync(int count, CancellationToken cancellationToken) =>
        SeededLoad.SendAsync(address, seed, count, random =>
        {
            var call = new HostileCall(random, token);
            var (request, endsThere) = call.Bytes(address.Authority);
            return (request, endsThere, answer => Objection(call, answer) is { } objection ? $"{objection}: {answer}\n{Shown(request)}" : null);
        }, cancellationToken);

    private static string? Objection(HostileCall call, RawAnswer answer) => answer.Status switch
    {
        >= 500 => "broken",
        0 => call.IsNoHttp ? null : "no answer",
        < 400 => null,
        _ when call.HasNoBody || IsError(answer) || IsOfTheServer(call, answer) => null,
        _ => "not in the envelope",
    };

    // What the server refuses before anything of the gateway hears of it: what is no request of HTTP, and what is longer than
    // it reads. Nothing else may be answered so.
    private static bool IsOfTheServer(HostileCall call, RawAnswer answer) =>
        call.IsNoHttp && answer is { Status: 400 or 405 or 408 or 414 or 431 or 505, Body: "" } && answer.Header("Connection") is "close";

    // The envelope, or for those who ask for them problem details (RFC 9457), which have the number.
    private static bool IsError(RawAnswer answer)
    {
        try
        {
            return JsonNode.Parse(answer.Body) is JsonObject body
                && (body["status"]!.GetValueKind() is JsonValueKind.Number ? body["status"]!.GetValue<int>() == answer.Status : body["status"]!.GetValue<string>() is "error")
                && body["code"]!.GetValue<string>().Length > 0
                && body["trace_id"]!.GetValue<string>().Length == 32;
        }
        catch (Exception exception) when (exception is JsonException or NullReferenceException or InvalidOperationException)
        {
            return false;
        }
    }

    // A token in a log would be found there by those who look for secrets.
    private string Shown(byte[] request) =>
        Encoding.Latin1.GetString(request.AsSpan(0, Math.Min(request.Length, 3_000))).Replace(token, "TOKEN", StringComparison.Ordinal);
}

using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KvAspire.TestKit;

/// <summary>
/// Hostile requests to the data API with a valid token, which a seed generates: their targets, queries, cursors, methods, headers
/// and bodies are nearly valid, or not at all.
/// </summary>
/// <param name="address">The gateway.</param>
/// <param name="token">A valid token for reads and writes.</param>
/// <param name="seed">The seed.</param>
public sealed class HostileCalls(Uri address, string token, int seed)
{
    /// <summary>Sends requests.</summary>
    /// <returns>The number of responses of each status (0: the connection was closed), and the wrong responses.</returns>
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

    // Kestrel refuses invalid and overlong requests before the gateway sees them. No other request may get such a response.
    private static bool IsOfTheServer(HostileCall call, RawAnswer answer) =>
        call.IsNoHttp && answer is { Status: 400 or 405 or 408 or 414 or 431 or 505, Body: "" } && answer.Header("Connection") is "close";

    // The envelope or, where the request accepts them, problem details (RFC 9457) with a numeric status.
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

    // The secret tests would find a token in a test's log.
    private string Shown(byte[] request) =>
        Encoding.Latin1.GetString(request.AsSpan(0, Math.Min(request.Length, 3_000))).Replace(token, "TOKEN", StringComparison.Ordinal);
}

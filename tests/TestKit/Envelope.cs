using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace KvAspire.TestKit;

/// <summary>Assertions about whole responses.</summary>
public static partial class Envelope
{
    /// <summary>Asserts that the response is exactly this error in the envelope. Returns its trace id.</summary>
    public static async Task<string> AssertErrorAsync(
        HttpResponseMessage response, int status, string code, string message, CancellationToken cancellationToken, string? errors = null)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} instead of {status}: {text}");
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());

        var traceId = JsonNode.Parse(text)!["trace_id"]?.GetValue<string>() ?? "";
        Assert.Matches(TraceId(), traceId);

        var tail = errors is null ? "" : $",\"errors\":{errors}";
        Assert.Equal($$"""{"status":"error","code":"{{code}}","message":"{{message}}","trace_id":"{{traceId}}"{{tail}}}""", text);
        return traceId;
    }

    /// <summary>Asserts that the response is exactly this error in the format of RFC 6749, section 5.2, with a trace id.</summary>
    public static async Task AssertOAuthErrorAsync(
        HttpResponseMessage response, int status, string error, string description, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} instead of {status}: {text}");
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());

        var traceId = JsonNode.Parse(text)!["trace_id"]?.GetValue<string>() ?? "";
        Assert.Matches(TraceId(), traceId);
        Assert.Equal($$"""{"error":"{{error}}","error_description":"{{description}}","trace_id":"{{traceId}}"}""", text);
    }

    /// <summary>Asserts that the response has exactly this body.</summary>
    public static async Task AssertBodyAsync(HttpResponseMessage response, int status, string body, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} instead of {status}: {text}");
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(body, text);
    }

    [GeneratedRegex("^[0-9a-f]{32}$")]
    private static partial Regex TraceId();
}

using Microsoft.AspNetCore.Http;

namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>The methods that OpenTelemetry's conventions know: a client can send any text as a method.</summary>
internal static class KnownMethods
{
    /// <summary>What stands for any other method in <c>http.request.method</c>.</summary>
    public const string Other = "_OTHER";

    /// <summary>The method of a request, or <see cref="Other"/>.</summary>
    public static string Of(HttpRequest request) => HttpMethods.GetCanonicalizedValue(request.Method) switch
    {
        "GET" or "HEAD" or "POST" or "PUT" or "DELETE" or "PATCH" or "OPTIONS" or "TRACE" or "CONNECT" => request.Method,
        _ => Other,
    };
}

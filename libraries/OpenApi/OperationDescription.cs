using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Requests;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace KvAspire.OpenApi;

/// <summary>
/// Endpoint metadata: the operation in the OpenAPI document. Handlers read requests and write responses themselves, so their
/// signatures do not describe them.
/// </summary>
/// <param name="Id">The <c>operationId</c>, from which generators make method names.</param>
/// <param name="Summary">The effect in a few words.</param>
public sealed record OperationDescription(string Id, string Summary) : IDescribedBody
{
    /// <summary>More details, in CommonMark.</summary>
    public string? Text { get; init; }

    /// <summary>The parameters in path, query and headers.</summary>
    public IReadOnlyList<ParameterDescription> Parameters { get; init; } = [];

    /// <summary>The request body, if any.</summary>
    public BodyDescription? Body { get; init; }

    Type? IDescribedBody.BodyType => Body?.Type;

    /// <summary>The responses other than error envelopes.</summary>
    public IReadOnlyList<AnswerDescription> Answers { get; init; } = [];

    /// <summary>The errors of the operation, without those that every operation may have.</summary>
    public IReadOnlyList<ApiError> Errors { get; init; } = [];
}

/// <summary>A parameter of an operation.</summary>
/// <param name="Name">The name in requests.</param>
/// <param name="In"><c>path</c>, <c>query</c> or <c>header</c>.</param>
/// <param name="Text">The meaning, in CommonMark.</param>
public sealed record ParameterDescription(string Name, string In, string Text)
{
    /// <summary>Whether the parameter is required. Path parameters always are.</summary>
    public bool Required { get; init; }

    /// <summary><c>string</c>, <c>integer</c> or <c>boolean</c>.</summary>
    public string Type { get; init; } = "string";

    /// <summary>The format of a string, such as <c>date-time</c>.</summary>
    public string? Format { get; init; }

    /// <summary>The allowed values, where they are limited.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>The minimum number, or the minimum length of a string.</summary>
    public int? Min { get; init; }

    /// <summary>The maximum number, or the maximum length of a string.</summary>
    public int? Max { get; init; }

    /// <summary>The default value, as JSON.</summary>
    public string? Default { get; init; }

    /// <summary>An example, as JSON.</summary>
    public string? Example { get; init; }
}

/// <summary>The body of a request.</summary>
/// <param name="Type">The type that describes its members.</param>
/// <param name="Example">An example, as JSON.</param>
/// <param name="ContentType">The media type.</param>
public sealed record BodyDescription(Type Type, string Example, string ContentType = BodyDescription.Json)
{
    /// <summary>The media type of most bodies.</summary>
    public const string Json = "application/json";

    /// <summary>The media type of OAuth requests.</summary>
    public const string Form = "application/x-www-form-urlencoded";
}

/// <summary>A response.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Text">The meaning.</param>
public sealed record AnswerDescription(int Status, string Text)
{
    /// <summary>The type that describes the body; null where the handler's signature does, or where there is no body.</summary>
    public Type? Type { get; init; }

    /// <summary>An example of the body: JSON, or plain text for other media types.</summary>
    public string? Example { get; init; }

    /// <summary>The media type.</summary>
    public string ContentType { get; init; } = BodyDescription.Json;

    /// <summary>Additional headers: names of <c>components/headers</c>.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];
}

/// <summary>Describes endpoints.</summary>
public static class OperationDescriptions
{
    /// <summary>Adds the description of the operation to an endpoint, and names it in traces and metrics by its template.</summary>
    public static TBuilder Describe<TBuilder>(this TBuilder endpoint, OperationDescription description)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithRouteName().WithMetadata([description, .. description.Answers
            .Where(answer => answer.Type is not null)
            .Select(answer => new ProducesResponseTypeMetadata(answer.Status, answer.Type, [answer.ContentType]))]);
}

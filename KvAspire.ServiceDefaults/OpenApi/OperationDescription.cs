using KvAspire.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace KvAspire.ServiceDefaults.OpenApi;

/// <summary>
/// What the OpenAPI document says of an operation beyond its route: metadata of the endpoint. Handlers read requests and
/// write answers themselves, so their signatures do not tell.
/// </summary>
/// <param name="Id">The <c>operationId</c>, from which generators make the names of methods.</param>
/// <param name="Tag">The group that it is shown in.</param>
/// <param name="Summary">What it does, in a few words.</param>
public sealed record OperationDescription(string Id, string Tag, string Summary)
{
    /// <summary>What else there is to know, in CommonMark.</summary>
    public string? Text { get; init; }

    /// <summary>What is read from path, query and headers.</summary>
    public IReadOnlyList<ParameterDescription> Parameters { get; init; } = [];

    /// <summary>What is read from the body, where there is one.</summary>
    public BodyDescription? Body { get; init; }

    /// <summary>The answers that are not errors in the envelope.</summary>
    public IReadOnlyList<AnswerDescription> Answers { get; init; } = [];

    /// <summary>The errors that the service answers, beyond those that any operation may meet.</summary>
    public IReadOnlyList<ApiError> Errors { get; init; } = [];
}

/// <summary>A parameter of an operation.</summary>
/// <param name="Name">As it is sent.</param>
/// <param name="In"><c>path</c>, <c>query</c> or <c>header</c>.</param>
/// <param name="Text">What it means, in CommonMark.</param>
public sealed record ParameterDescription(string Name, string In, string Text)
{
    /// <summary>Whether a request must have it. One in a path always has.</summary>
    public bool Required { get; init; }

    /// <summary><c>string</c>, <c>integer</c> or <c>boolean</c>.</summary>
    public string Type { get; init; } = "string";

    /// <summary>The format of a text, such as <c>date-time</c>.</summary>
    public string? Format { get; init; }

    /// <summary>The only texts that there are.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>The least number, or the shortest text.</summary>
    public int? Min { get; init; }

    /// <summary>The greatest number, or the longest text.</summary>
    public int? Max { get; init; }

    /// <summary>What its absence means, as JSON.</summary>
    public string? Default { get; init; }

    /// <summary>An example, as JSON.</summary>
    public string? Example { get; init; }
}

/// <summary>The body of a request.</summary>
/// <param name="Type">Its members.</param>
/// <param name="Example">An example, as JSON.</param>
/// <param name="ContentType">Its media type.</param>
public sealed record BodyDescription(Type Type, string Example, string ContentType = BodyDescription.Json)
{
    /// <summary>The media type of most bodies.</summary>
    public const string Json = "application/json";

    /// <summary>The media type of OAuth's requests.</summary>
    public const string Form = "application/x-www-form-urlencoded";
}

/// <summary>An answer.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Text">What it means.</param>
public sealed record AnswerDescription(int Status, string Text)
{
    /// <summary>Its members; null where the handler's signature tells, or where there is no body.</summary>
    public Type? Type { get; init; }

    /// <summary>An example of the body: JSON, or text as it is where the media type is another one.</summary>
    public string? Example { get; init; }

    /// <summary>Its media type.</summary>
    public string ContentType { get; init; } = BodyDescription.Json;

    /// <summary>Headers beyond those that every answer may have: names of <c>components/headers</c>.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];
}

/// <summary>Describes endpoints.</summary>
public static class OperationDescriptions
{
    /// <summary>Says what the OpenAPI document says of an endpoint.</summary>
    public static TBuilder Describe<TBuilder>(this TBuilder endpoint, OperationDescription description)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata([description, .. description.Answers
            .Where(answer => answer.Type is not null)
            .Select(answer => new ProducesResponseTypeMetadata(answer.Status, answer.Type, [answer.ContentType]))]);
}

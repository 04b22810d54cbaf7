using System.Diagnostics;

namespace KvAspire.TestKit.Otlp;

/// <summary>A span as a service exported it.</summary>
/// <param name="Service">The resource's <c>service.name</c>.</param>
/// <param name="Source">The instrumentation scope.</param>
/// <param name="TraceId">32 hex digits.</param>
/// <param name="SpanId">16 hex digits.</param>
/// <param name="ParentId">16 hex digits; empty for a root.</param>
/// <param name="Name">The name.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Status">The status.</param>
/// <param name="Start">Nanoseconds since 1970.</param>
/// <param name="End">Nanoseconds since 1970.</param>
/// <param name="Attributes">The attributes, as texts.</param>
/// <param name="Events">The events.</param>
/// <param name="Links">The linked spans.</param>
public sealed record OtlpSpan(
    string Service, string Source, string TraceId, string SpanId, string ParentId, string Name, ActivityKind Kind, ActivityStatusCode Status,
    ulong Start, ulong End, IReadOnlyDictionary<string, string> Attributes, IReadOnlyList<OtlpEvent> Events, IReadOnlyList<OtlpLink> Links)
{
    /// <summary>The attribute; null where the span does not have it.</summary>
    public string? this[string attribute] => Attributes.GetValueOrDefault(attribute);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Service}: {Kind} \"{Name}\" {Status} {string.Join(' ', Attributes.Select(attribute => $"{attribute.Key}={attribute.Value}"))}"
        + string.Concat(Events.Select(happened => $" !{happened.Name}"));
}

/// <summary>An event of a span.</summary>
/// <param name="Name">The name.</param>
/// <param name="Attributes">The attributes, as texts.</param>
public sealed record OtlpEvent(string Name, IReadOnlyDictionary<string, string> Attributes);

/// <summary>A link of a span.</summary>
/// <param name="TraceId">32 hex digits.</param>
/// <param name="SpanId">16 hex digits.</param>
public sealed record OtlpLink(string TraceId, string SpanId);

using System.Globalization;
using Aspire.Hosting.Orchestration;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The part of an endpoint that is wanted.</summary>
public enum EndpointProperty
{
    Url = 0,
    Host = 1,
    IPV4Host = 2,
    Port = 3,
    Scheme = 4,
    TargetPort = 5,
    HostAndPort = 6,
    TlsEnabled = 7,
}

/// <summary>One part of an endpoint, as a value. It waits until the endpoint has its port.</summary>
public class EndpointReferenceExpression(EndpointReference endpointReference, EndpointProperty property)
    : IExpressionValue, IValueWithReferences
{
    public EndpointReference Endpoint { get; } = endpointReference;

    public EndpointProperty Property { get; } = property;

    public string ValueExpression =>
        $"{{{Endpoint.Resource.Name}.bindings.{Endpoint.EndpointName}.{Property.ToString().ToLowerInvariant()}}}";

    IEnumerable<object> IValueWithReferences.References => [Endpoint];

    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
    {
        var annotation = Endpoint.EndpointAnnotation;
        if (Property is EndpointProperty.Scheme)
            return annotation.UriScheme;
        if (Property is EndpointProperty.TlsEnabled)
            return annotation.TlsEnabled ? bool.TrueString : bool.FalseString;

        var allocated = await annotation.WhenAllocatedAsync(cancellationToken);
        return Property switch
        {
            EndpointProperty.Url => allocated.UriString,
            EndpointProperty.Host => allocated.Address,
            EndpointProperty.IPV4Host => "127.0.0.1",
            EndpointProperty.Port => allocated.Port.ToString(CultureInfo.InvariantCulture),
            EndpointProperty.HostAndPort => allocated.EndPointString,
            EndpointProperty.TargetPort => TargetPort(annotation, allocated).ToString(CultureInfo.InvariantCulture),
            _ => throw new InvalidOperationException($"The endpoint property '{Property}' is not supported."),
        };
    }

    // Each replica listens on a port of its own, so the answer depends on whose environment is being put together.
    private int TargetPort(EndpointAnnotation annotation, AllocatedEndpoint allocated) =>
        ResourceInstance.Current is { } instance && instance.Resource == Endpoint.Resource
            ? instance.TargetPorts[annotation]
            : annotation.TargetPort ?? allocated.Port;
}

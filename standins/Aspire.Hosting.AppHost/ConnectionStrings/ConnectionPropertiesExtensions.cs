using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Connection properties of a child on top of its parent's.</summary>
public static class ConnectionPropertiesExtensions
{
    public static IEnumerable<KeyValuePair<string, ReferenceExpression>> CombineProperties(
        this IResourceWithConnectionString source, IEnumerable<KeyValuePair<string, ReferenceExpression>> additional)
    {
        var combined = new Dictionary<string, ReferenceExpression>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in source.GetConnectionProperties().Concat(additional))
            combined[key] = value;

        return combined;
    }
}

using KvAspire.ServiceDefaults.OpenApi;

namespace KvAspire.Identity.OpenApi;

/// <summary>The parameters of lists that come in pages.</summary>
internal static class PageParameters
{
    public static readonly ParameterDescription Limit = new("limit", "query", "How much a page has at most.")
    { Type = "integer", Min = 1, Max = 1000, Default = "100" };

    public static readonly ParameterDescription Cursor = new("cursor", "query", "Where to go on: what the page before answered to the same query.") { Max = 100 };
}

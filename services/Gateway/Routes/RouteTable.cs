using Yarp.ReverseProxy.Configuration;

namespace KvAspire.Gateway.Routes;

/// <summary>The public routes as this gateway is configured: <c>Timeouts:{route}</c> overrides a row's time limit.</summary>
internal sealed class RouteTable(IConfiguration configuration, IEnumerable<PublicRoute> rows)
{
    private readonly Dictionary<string, PublicRoute> byId = rows
        .Select(row => row.IsStream ? row : row with { TimeLimit = configuration.GetValue($"Timeouts:{row.Id}", row.TimeLimit) })
        .ToDictionary(row => row.Id);

    /// <summary>All of them.</summary>
    public IEnumerable<PublicRoute> All => byId.Values;

    /// <summary>The route of this name.</summary>
    public PublicRoute this[string id] => byId[id];

    /// <summary>The routes as YARP reads them.</summary>
    public IReadOnlyList<RouteConfig> ToForward() =>
    [
        .. All.Select(row => new RouteConfig
        {
            RouteId = row.Id,
            Match = new RouteMatch { Path = row.Path, Methods = row.Methods },
            ClusterId = row.Service,
            AuthorizationPolicy = row.Policy,
            Timeout = row.TimeLimit,
        }),
    ];
}

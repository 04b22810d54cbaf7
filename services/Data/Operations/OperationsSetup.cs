namespace KvAspire.Data.Operations;

/// <summary>Maps the endpoints that take many operations in one request.</summary>
internal static class OperationsSetup
{
    public static void MapOperations(this IEndpointRouteBuilder routes)
    {
        routes.MapBulk();
        routes.MapTransactions();
    }
}

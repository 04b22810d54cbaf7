using System.Text.Json;
using KvAspire.Identity.Requests;
using KvAspire.Identity.Text;

namespace KvAspire.Identity.Clients;

/// <summary>The endpoints that administer clients.</summary>
internal static class ClientEndpoints
{
    private const int MaxBodyBytes = 16 * 1024, MaxName = 100;

    public static IEndpointRouteBuilder MapClients(this IEndpointRouteBuilder routes)
    {
        var clients = routes.MapGroup("/api/admin/clients").RequireAuthorization(Scopes.Admin);
        clients.MapGet("", ListAsync).Describe(ClientsDescription.List);
        clients.MapPost("", CreateAsync).Describe(ClientsDescription.Create);
        clients.MapPatch("{id}", ChangeAsync).Describe(ClientsDescription.Change);
        clients.MapPost("{id}/secret", RotateSecretAsync).Describe(ClientsDescription.RotateSecret);
        clients.MapDelete("{id}", DeleteAsync).Describe(ClientsDescription.Delete);
        return routes;
    }

    private static async Task<Ok<SuccessEnvelope<ClientList>>> ListAsync(ClientStore clients, CancellationToken cancellationToken) =>
        TypedResults.Ok(Success.Of(null, new ClientList([.. (await clients.ListAsync(cancellationToken)).Select(client => new ClientInfo(
            client.Id, client.Name, client.Scope, client.FirstParty, client.Disabled, client.CreatedAt))])));

    private static async Task<Results<Created<SuccessEnvelope<ClientCredentials>>, ErrorResult>> CreateAsync(
        HttpContext http, ClientStore clients, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();

        var (id, scope) = (JsonField.Of(body.Root, "client_id").Text, JsonField.Of(body.Root, "scope").Text);
        var name = JsonField.Of(body.Root, "name") is { IsAbsent: false } given ? given.Text : id;
        if (!ClientRules.IsId(id) || !ClientRules.AreScopes(scope) || !CodePoints.AreALine(name, MaxName) || ReadFlag(body.Root, "first_party") is not { } firstParty)
            return ErrorCatalogue.InvalidClient.AsResult();
        if (await clients.CreateAsync(id!, name!, scope!, firstParty, http.User.Token.Subject, cancellationToken) is not { } secret)
            return ErrorCatalogue.ClientExists.AsResult();

        return TypedResults.Created((string?)null, Success.Of("Client registered successfully.", new ClientCredentials(id!, secret)));
    }

    private static async Task<Results<Ok<SuccessEnvelope<object>>, ErrorResult>> ChangeAsync(
        string id, HttpContext http, ClientStore clients, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (JsonField.Of(body.Root, "disabled").IsAbsent || ReadFlag(body.Root, "disabled") is not { } disabled)
            return ErrorCatalogue.InvalidRequest.AsResult("Invalid request. disabled must be true or false.");
        if (!ClientRules.IsId(id) || !await clients.SetDisabledAsync(id, disabled, http.User.Token.Subject, cancellationToken))
            return ErrorCatalogue.NotFound.AsResult();

        return TypedResults.Ok(Success.Of("Client updated successfully."));
    }

    private static async Task<Results<Ok<SuccessEnvelope<ClientCredentials>>, ErrorResult>> RotateSecretAsync(
        string id, HttpContext http, ClientStore clients, CancellationToken cancellationToken)
    {
        if (!ClientRules.IsId(id) || await clients.RotateSecretAsync(id, http.User.Token.Subject, cancellationToken) is not { } secret)
            return ErrorCatalogue.NotFound.AsResult();

        return TypedResults.Ok(Success.Of("Client secret rotated successfully.", new ClientCredentials(id, secret)));
    }

    private static async Task<Results<Ok<SuccessEnvelope<object>>, ErrorResult>> DeleteAsync(
        string id, HttpContext http, ClientStore clients, CancellationToken cancellationToken)
    {
        if (!ClientRules.IsId(id) || !await clients.DeleteAsync(id, http.User.Token.Subject, cancellationToken))
            return ErrorCatalogue.NotFound.AsResult();

        return TypedResults.Ok(Success.Of("Client deleted successfully."));
    }

    // False where the field is absent, null where it is neither true nor false.
    private static bool? ReadFlag(JsonElement root, string name) => JsonField.Of(root, name) switch
    {
        { IsAbsent: true } or { Kind: JsonValueKind.False } => false,
        { Kind: JsonValueKind.True } => true,
        _ => null,
    };
}

/// <summary>A client, without its secret.</summary>
/// <param name="ClientId">The id.</param>
/// <param name="Name">The name for people.</param>
/// <param name="Scope">The scopes that the client may request.</param>
/// <param name="FirstParty">Whether users may give the client their passwords.</param>
/// <param name="Disabled">Whether every request of the client is refused.</param>
/// <param name="CreatedAt">The time of the registration.</param>
public sealed record ClientInfo(string ClientId, string Name, string Scope, bool FirstParty, bool Disabled, DateTimeOffset CreatedAt);

/// <summary>The clients of the database.</summary>
/// <param name="Items">The clients, by id.</param>
public sealed record ClientList(IReadOnlyList<ClientInfo> Items);

/// <summary>The credentials of a client. They are shown once.</summary>
/// <param name="ClientId">The id.</param>
/// <param name="ClientSecret">The secret.</param>
public sealed record ClientCredentials(string ClientId, string ClientSecret);

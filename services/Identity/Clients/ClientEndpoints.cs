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
            client.Id, client.Name, client.Scope, client.Audiences, client.FirstParty, client.Disabled, client.CreatedAt))])));

    private static async Task<Results<Created<SuccessEnvelope<ClientCredentials>>, ErrorResult>> CreateAsync(
        HttpContext http, ClientStore clients, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();

        var (id, scope) = (JsonField.Of(body.Root, "client_id").Text, JsonField.Of(body.Root, "scope").Text);
        var name = JsonField.Of(body.Root, "name") is { IsAbsent: false } given ? given.Text : id;
        if (!ClientRules.IsId(id) || !ClientRules.AreScopes(scope) || !CodePoints.AreALine(name, MaxName)
            || ReadAudiences(body.Root) is not { } audiences || ReadFlag(body.Root, "first_party") is not { } firstParty)
        {
            return ErrorCatalogue.InvalidClient.AsResult();
        }

        if (await clients.CreateAsync(id!, name!, scope!, audiences, firstParty, http.User.Token.Subject, cancellationToken) is not { } secret)
            return ErrorCatalogue.ClientExists.AsResult();

        return TypedResults.Created((string?)null, Success.Of("Client registered successfully.", new ClientCredentials(id!, secret)));
    }

    private static async Task<Results<Ok<SuccessEnvelope<object>>, ErrorResult>> ChangeAsync(
        string id, HttpContext http, ClientStore clients, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();

        var disabled = JsonField.Of(body.Root, "disabled").IsAbsent ? null : ReadFlag(body.Root, "disabled");
        var audiences = JsonField.Of(body.Root, "audiences").IsAbsent ? null : ReadAudiences(body.Root);
        if (disabled is null && (audiences is null || !JsonField.Of(body.Root, "disabled").IsAbsent))
            return ErrorCatalogue.InvalidRequest.AsResult("Invalid request. disabled must be true or false, unless only audiences change.");
        if (audiences is null && !JsonField.Of(body.Root, "audiences").IsAbsent)
        {
            return ErrorCatalogue.InvalidRequest.AsResult(
                "Invalid request. audiences must be a list of at most 8 texts of 1 to 100 visible characters.");
        }

        if (!ClientRules.IsId(id) || !await clients.ChangeAsync(id, disabled, audiences, http.User.Token.Subject, cancellationToken))
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

    // Empty where the field is absent, null where it is not a list of audiences.
    private static string[]? ReadAudiences(JsonElement root)
    {
        if (JsonField.Of(root, "audiences").IsAbsent)
            return [];
        if (root.GetProperty("audiences") is not { ValueKind: JsonValueKind.Array } list)
            return null;

        List<string?> audiences = [.. list.EnumerateArray().Select(audience => JsonField.Of(audience).Text).Distinct()];
        return ClientRules.AreAudiences(audiences) ? [.. audiences.OfType<string>()] : null;
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
/// <param name="Audiences">The audiences that the client serves: it may introspect their tokens.</param>
/// <param name="FirstParty">Whether users may give the client their passwords.</param>
/// <param name="Disabled">Whether every request of the client is refused.</param>
/// <param name="CreatedAt">The time of the registration.</param>
public sealed record ClientInfo(
    string ClientId, string Name, string Scope, IReadOnlyList<string> Audiences, bool FirstParty, bool Disabled, DateTimeOffset CreatedAt);

/// <summary>The clients of the database.</summary>
/// <param name="Items">The clients, by id.</param>
public sealed record ClientList(IReadOnlyList<ClientInfo> Items);

/// <summary>The credentials of a client. They are shown once.</summary>
/// <param name="ClientId">The id.</param>
/// <param name="ClientSecret">The secret.</param>
public sealed record ClientCredentials(string ClientId, string ClientSecret);

using KvAspire.Identity.OpenApi;

namespace KvAspire.Identity.Clients;

/// <summary>Describes the administration of clients in the OpenAPI document.</summary>
internal static class ClientsDescription
{
    private const string Credentials = """{"status":"success","message":"Client registered successfully.","data":{"client_id":"reports","client_secret":"p8Zq…"}}""";

    private static readonly ParameterDescription Id = new("id", "path", "The `client_id`.") { Example = "\"reports\"" };

    public static readonly OperationDescription List = new("listClients", "List the clients")
    {
        Text = "All registered clients of the database, without their secrets.",
        Answers =
        [
            new(200, "The clients, by id.")
            {
                Example = """{"status":"success","data":{"items":[{"client_id":"reports","name":"Reports","scope":"kv:read","audiences":["kvaspire"],"first_party":false,"disabled":false,"created_at":"2026-11-24T21:03:50Z"}]}}""",
                Headers = ["Cache-Control"],
            },
        ],
    };

    public static readonly OperationDescription Create = new("createClient", "Register a client")
    {
        Text = "The secret is shown once. `audiences` are those that the client serves: it may introspect their tokens (RFC 7662), and no others.",
        Body = new(typeof(NewClient), """{"client_id":"reports","scope":"kv:read","name":"Reports","audiences":["kvaspire"]}"""),
        Answers = [new(201, "The credentials of the client.") { Example = Credentials, Headers = ["Cache-Control"] }],
        Errors = [ErrorCatalogue.InvalidClient, ErrorCatalogue.ClientExists],
    };

    public static readonly OperationDescription Change = new("changeClient", "Disable or enable a client, or change the audiences that it serves")
    {
        Text = "Disabling a client ends its tokens and sessions. After enabling it has to authenticate again.",
        Parameters = [Id],
        Body = new(typeof(ClientChange), """{"disabled":false,"audiences":["kvaspire"]}"""),
        Answers = [IdentityDescription.Done("The client is changed.", "Client updated successfully.")],
        Errors = [ErrorCatalogue.NotFound],
    };

    public static readonly OperationDescription RotateSecret = new("rotateClientSecret", "Give a client a new secret")
    {
        Text = "The new secret is shown once, and the old one is refused at once.",
        Parameters = [Id],
        Answers = [new(200, "The new credentials of the client.") { Example = Credentials, Headers = ["Cache-Control"] }],
        Errors = [ErrorCatalogue.NotFound],
    };

    public static readonly OperationDescription Delete = new("deleteClient", "Delete a client")
    {
        Text = "The tokens and sessions of the client end with it, and its entries are erased within seconds. The `client_id` can never be registered again.",
        Parameters = [Id],
        Answers = [IdentityDescription.Done("The client is deleted.", "Client deleted successfully.")],
        Errors = [ErrorCatalogue.NotFound],
    };
}

/// <summary>A client to register.</summary>
/// <param name="ClientId">3 to 64 of a-z, 0-9, '.', '_', '-', beginning with a letter.</param>
/// <param name="Scope">The scopes that the client may request, separated by spaces.</param>
/// <param name="Name">The name for people: at most 100 characters.</param>
/// <param name="Audiences">The audiences that the client serves: at most 8, each of 1 to 100 visible characters.</param>
/// <param name="FirstParty">Whether users may give the client their passwords.</param>
public sealed record NewClient(
    string ClientId, string Scope, [property: MayBeNull] string? Name, [property: MayBeNull] IReadOnlyList<string>? Audiences,
    [property: MayBeNull] bool? FirstParty);

/// <summary>A change of a client: of one member or of both.</summary>
/// <param name="Disabled">Whether every request of the client is refused.</param>
/// <param name="Audiences">The audiences that the client serves: at most 8, each of 1 to 100 visible characters.</param>
public sealed record ClientChange([property: MayBeNull] bool? Disabled, [property: MayBeNull] IReadOnlyList<string>? Audiences);

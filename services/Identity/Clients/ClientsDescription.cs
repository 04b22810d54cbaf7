using KvAspire.Identity.Admin;
using KvAspire.Identity.OpenApi;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.OpenApi;

namespace KvAspire.Identity.Clients;

/// <summary>What the OpenAPI document says of the administration of clients.</summary>
internal static class ClientsDescription
{
    private const string Credentials = """{"status":"success","message":"Client registered successfully.","data":{"client_id":"reports","client_secret":"p8Zq…"}}""";

    private static readonly ParameterDescription Id = new("id", "path", "The `client_id`.") { Example = "\"reports\"" };

    public static readonly OperationDescription List = new("listClients", AdminDescription.Tag, "List the clients")
    {
        Text = "All that are registered, without their secrets.",
        Answers =
        [
            new(200, "The clients, by id.")
            {
                Example = """{"status":"success","data":{"items":[{"client_id":"reports","name":"Reports","scope":"kv:read","first_party":false,"disabled":false,"created_at":"2026-11-24T21:03:50Z"}]}}""",
            },
        ],
    };

    public static readonly OperationDescription Create = new("createClient", AdminDescription.Tag, "Register a client")
    {
        Text = "Its secret is shown once.",
        Body = new(typeof(NewClient), """{"client_id":"reports","scope":"kv:read","name":"Reports"}"""),
        Answers = [new(201, "What it authenticates with.") { Example = Credentials, Headers = ["Cache-Control"] }],
        Errors = [ErrorCatalogue.InvalidClient, ErrorCatalogue.ClientExists],
    };

    public static readonly OperationDescription Change = new("changeClient", AdminDescription.Tag, "Disable or enable a client")
    {
        Text = "To disable one ends its tokens and sessions; enabled again it signs in anew.",
        Parameters = [Id],
        Body = new(typeof(ClientChange), """{"disabled":true}"""),
        Answers = [IdentityDescription.Done("The client is changed.", "Client updated successfully.")],
        Errors = [ErrorCatalogue.NotFound],
    };

    public static readonly OperationDescription RotateSecret = new("rotateClientSecret", AdminDescription.Tag, "Give a client a new secret")
    {
        Text = "The secret is shown once, and the one before is refused from now on.",
        Parameters = [Id],
        Answers = [new(200, "What it authenticates with from now on.") { Example = Credentials, Headers = ["Cache-Control"] }],
        Errors = [ErrorCatalogue.NotFound],
    };

    public static readonly OperationDescription Delete = new("deleteClient", AdminDescription.Tag, "Remove a client")
    {
        Text = "Its tokens and sessions end with it.",
        Parameters = [Id],
        Answers = [IdentityDescription.Done("The client is gone.", "Client deleted successfully.")],
        Errors = [ErrorCatalogue.NotFound],
    };
}

/// <summary>A client to register.</summary>
/// <param name="ClientId">3 to 64 of a-z, 0-9, '.', '_', '-', beginning with a letter.</param>
/// <param name="Scope">The scopes that it may ask for, separated by spaces.</param>
/// <param name="Name">What people call it: at most 100 characters.</param>
/// <param name="FirstParty">Whether users may give it their passwords.</param>
public sealed record NewClient(string ClientId, string Scope, [property: MayBeNull] string? Name, [property: MayBeNull] bool? FirstParty);

/// <summary>A change of a client.</summary>
/// <param name="Disabled">Whether it is refused everything.</param>
public sealed record ClientChange(bool Disabled);

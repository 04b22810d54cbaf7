using System.Collections.Frozen;
using System.Reflection;

namespace KvAspire.ServiceDefaults.Errors;

/// <summary>
/// Every error code of the API with its status and message. Codes are never changed or removed: clients branch on the codes.
/// A test compares the documented error table with this list.
/// </summary>
#pragma warning disable CS1591 // the code and the sentence of each entry are its documentation
public static class ErrorCatalogue
{
    // Any endpoint, one error for each status.
    public static readonly ApiError InvalidRequest = new("INVALID_REQUEST", 400, "Invalid request. The body must be a JSON object.");
    public static readonly ApiError InvalidToken = new("INVALID_TOKEN", 401, "Invalid access token provided.");
    public static readonly ApiError InsufficientScope = new("INSUFFICIENT_SCOPE", 403, "The access token does not grant what this request needs.");
    public static readonly ApiError NotFound = new("NOT_FOUND", 404, "There is nothing at this address.");
    public static readonly ApiError MethodNotAllowed = new("METHOD_NOT_ALLOWED", 405, "This address does not answer this method.");
    public static readonly ApiError RequestTimeout = new("REQUEST_TIMEOUT", 408, "The request did not arrive in time.");
    public static readonly ApiError PayloadTooLarge = new("PAYLOAD_TOO_LARGE", 413, "The request body is larger than allowed.");
    public static readonly ApiError UnsupportedMediaType = new("UNSUPPORTED_MEDIA_TYPE", 415, "The request body must be application/json in UTF-8.");
    public static readonly ApiError RateLimited = new("RATE_LIMITED", 429, "Too many requests. Please try again later.");
    public static readonly ApiError HeadersTooLarge = new("HEADERS_TOO_LARGE", 431, "The request headers are larger than allowed.");
    public static readonly ApiError InternalServerError = new("INTERNAL_SERVER_ERROR", 500, "An internal server error occurred. Please try again later.");
    public static readonly ApiError BadGateway = new("BAD_GATEWAY", 502, "The service behind the gateway gave no valid answer. Please try again later.");
    public static readonly ApiError Unavailable = new("UNAVAILABLE", 503, "The service is temporarily unavailable; nothing was stored. Please try again later.");
    public static readonly ApiError GatewayTimeout = new("GATEWAY_TIMEOUT", 504, "The service behind the gateway did not answer in time. Please try again later.");

    // Registration.
    public static readonly ApiError UsernameExists = new("USERNAME_EXISTS", 409, "The provided username is already taken. Please choose a different username.");
    public static readonly ApiError EmailExists = new("EMAIL_EXISTS", 409, "The provided email is already registered. Please use a different email address.");
    public static readonly ApiError InvalidPassword = new("INVALID_PASSWORD", 400, "The provided password does not meet the requirements.");
    public static readonly ApiError InvalidAge = new("INVALID_AGE", 400, "Invalid age value. Age must be a positive integer.");
    public static readonly ApiError InvalidEmail = new("INVALID_EMAIL", 400, "Invalid email value. Email must be an address such as user@example.com of at most 254 characters.");
    public static readonly ApiError InvalidUsername = new("INVALID_USERNAME", 400, "Invalid username value. Username must be 1 to 64 characters, each of a-z, A-Z, 0-9, '.', '_', '-', '@' or '+'.");
    public static readonly ApiError InvalidFullName = new("INVALID_FULL_NAME", 400, "Invalid full_name value. Full name must be 1 to 200 characters without control characters.");
    public static readonly ApiError InvalidGender = new("INVALID_GENDER", 400, "Invalid gender value. Gender must be 1 to 50 characters without control characters.");

    // Tokens.
    public static readonly ApiError MissingFields = new("MISSING_FIELDS", 400, "Missing fields. Please provide both username and password.");
    public static readonly ApiError InvalidScope = new("INVALID_SCOPE", 400, "The requested scope is unknown, or may not be granted.");
    public static readonly ApiError InvalidCredentials = new("INVALID_CREDENTIALS", 401, "Invalid credentials. The provided username or password is incorrect.");
    public static readonly ApiError InternalError = new("INTERNAL_ERROR", 500, "Internal server error occurred. Please try again later.");

    // Accounts and their administration.
    public static readonly ApiError WrongPassword = new("WRONG_PASSWORD", 403, "The provided password is incorrect.");
    public static readonly ApiError ReauthenticationRequired = new("REAUTHENTICATION_REQUIRED", 403, "Please sign in again, or send your password with this request.");
    public static readonly ApiError PasswordChangeRequired = new("PASSWORD_CHANGE_REQUIRED", 403, "Please change your password first, with POST /api/account/password. Then sign in again.");
    public static readonly ApiError UserNotFound = new("USER_NOT_FOUND", 404, "There is no such user.");
    public static readonly ApiError LastAdmin = new("LAST_ADMIN", 409, "This is the last administrator who may sign in. Please make another one first.");

    // Entries.
    public static readonly ApiError InvalidKey = new("INVALID_KEY", 400, "The provided key is not valid or missing.");
    public static readonly ApiError InvalidValue = new("INVALID_VALUE", 400, "The provided value is not valid or missing.");
    public static readonly ApiError KeyExists = new("KEY_EXISTS", 409, "The provided key already exists in the database. To update an existing key, use the update API.");
    public static readonly ApiError KeyNotFound = new("KEY_NOT_FOUND", 404, "The provided key does not exist in the database.");
    public static readonly ApiError ValueTooLarge = new("VALUE_TOO_LARGE", 413, "The provided value is larger than 1 MiB of JSON.");
    public static readonly ApiError ResponseTooLarge = new("RESPONSE_TOO_LARGE", 413, "The answer would be larger than 8 MiB. Please ask for fewer entries.");

    // Listing, watch and history.
    public static readonly ApiError InvalidLimit = new("INVALID_LIMIT", 400, "The provided limit is not valid. It must be a number from 1 to 1000.");
    public static readonly ApiError InvalidCursor = new("INVALID_CURSOR", 400, "The provided cursor is not valid. It must be one that this very query answered.");
    public static readonly ApiError RevisionCompacted = new("REVISION_COMPACTED", 410, "The history no longer reaches back to the provided revision. List the keys anew, then go on from now.");

    // Clients and API keys.
    public static readonly ApiError InvalidClient = new("INVALID_CLIENT", 400, "Invalid client. Please provide a client_id (3 to 64 of a-z, 0-9, '.', '_', '-', beginning with a letter), a scope of kv:read, kv:write, kv:admin, and perhaps a name, audiences and first_party.");
    public static readonly ApiError ClientExists = new("CLIENT_EXISTS", 409, "This client_id is or was in use. Please choose another one.");
    public static readonly ApiError InvalidApiKey = new("INVALID_API_KEY", 400, "Invalid API key. Please provide a name and scopes, and perhaps a key_prefix and expires_at.");
    public static readonly ApiError TooManyApiKeys = new("TOO_MANY_API_KEYS", 409, "There are 100 API keys already. Please revoke one first.");

    // Writes.
    public static readonly ApiError PreconditionFailed = new("PRECONDITION_FAILED", 412, "The entry is not in the state that the request demands.");
    public static readonly ApiError InvalidTtl = new("INVALID_TTL", 400, "The provided time to live is not valid. Give either ttl_seconds, a whole number from 1 to 3162240000, or expires_at, a moment (RFC 3339) in the future.");
    public static readonly ApiError InvalidMetadata = new("INVALID_METADATA", 400, "The provided metadata is not valid. It must be a JSON object of at most 4 KiB.");
    public static readonly ApiError QuotaExceeded = new("QUOTA_EXCEEDED", 403, "This would store more than is allowed. See /api/usage.");
    public static readonly ApiError TxnConflict = new("TXN_CONFLICT", 409, "A check or an operation of the transaction failed; nothing was changed.");
    public static readonly ApiError NotANumber = new("NOT_A_NUMBER", 409, "The stored value, or what it would become, is not a whole number of at most 100 digits.");
    public static readonly ApiError IdempotencyInProgress = new("IDEMPOTENCY_IN_PROGRESS", 409, "A request with this Idempotency-Key is under way. Please try again later.");
    public static readonly ApiError IdempotencyKeyReused = new("IDEMPOTENCY_KEY_REUSED", 422, "This Idempotency-Key was used for another request.");
    public static readonly ApiError OutcomeUnknown = new("OUTCOME_UNKNOWN", 503, "The service lost its database while it stored the change: it may or may not be stored. Please read it, or try again with the same Idempotency-Key.");

    /// <summary>All errors, in the order above.</summary>
    public static IReadOnlyList<ApiError> All { get; } =
        [.. typeof(ErrorCatalogue).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => f.GetValue(null)).OfType<ApiError>()];

    private static FrozenDictionary<string, ApiError> ByCode { get; } = All.ToFrozenDictionary(error => error.Code);

    private static FrozenDictionary<int, ApiError> OfAnyEndpoint { get; } =
        All.TakeWhile(error => error != UsernameExists).ToFrozenDictionary(error => error.Status);

    /// <summary>The error with this code, or null.</summary>
    public static ApiError? Find(string code) => ByCode.GetValueOrDefault(code);

    /// <summary>The error for a response that only has a status, such as routing's 404 and 405.</summary>
    public static ApiError ForStatus(int status) =>
        OfAnyEndpoint.GetValueOrDefault(status) ?? (status < 500 ? InvalidRequest : InternalServerError);
}

namespace KvAspire.Client;

/// <summary>The key of a creation exists (<c>KEY_EXISTS</c>).</summary>
/// <param name="error">What the response says.</param>
public sealed class KvKeyExistsException(KvError error) : KvException(error);

/// <summary>The key of a replacement does not exist (<c>KEY_NOT_FOUND</c>).</summary>
/// <param name="error">What the response says.</param>
public sealed class KvKeyNotFoundException(KvError error) : KvException(error);

/// <summary>The entry is not in the state that the write demands (<c>PRECONDITION_FAILED</c>): read it again.</summary>
/// <param name="error">What the response says.</param>
public sealed class KvPreconditionFailedException(KvError error) : KvException(error);

/// <summary>
/// A check or an operation of a transaction failed (<c>TXN_CONFLICT</c>). <see
/// cref="KvException.Errors"/> names it, such as <c>checks[0]</c>.
/// </summary>
/// <param name="error">What the response says.</param>
public sealed class KvTransactionConflictException(KvError error) : KvException(error);

/// <summary>
/// The value of a counter, or its sum, is not a whole number of at most 100 digits
/// (<c>NOT_A_NUMBER</c>).
/// </summary>
/// <param name="error">What the response says.</param>
public sealed class KvNotANumberException(KvError error) : KvException(error);

/// <summary>The user's quota has no room for the write (<c>QUOTA_EXCEEDED</c>).</summary>
/// <param name="error">What the response says.</param>
public sealed class KvQuotaExceededException(KvError error) : KvException(error);

/// <summary>
/// Too many requests (<c>RATE_LIMITED</c>). The next may succeed after <see
/// cref="KvException.RetryAfter"/>.
/// </summary>
/// <param name="error">What the response says.</param>
public sealed class KvRateLimitedException(KvError error) : KvException(error);

/// <summary>
/// The history no longer contains the revision (<c>REVISION_COMPACTED</c>). List the keys again, then
/// watch from now.
/// </summary>
/// <param name="error">What the response says.</param>
public sealed class KvRevisionCompactedException(KvError error) : KvException(error);

/// <summary>The username or the password is wrong (<c>INVALID_CREDENTIALS</c>).</summary>
/// <param name="error">What the response says.</param>
public sealed class KvInvalidCredentialsException(KvError error) : KvException(error);

/// <summary>The service refuses the access token or API key (<c>INVALID_TOKEN</c>).</summary>
/// <param name="error">What the response says.</param>
public sealed class KvInvalidTokenException(KvError error) : KvException(error);

/// <summary>The token lacks a scope (<c>INSUFFICIENT_SCOPE</c>).</summary>
/// <param name="error">What the response says.</param>
public sealed class KvInsufficientScopeException(KvError error) : KvException(error);

/// <summary>A dependency of the service is down (<c>UNAVAILABLE</c>). Nothing is stored.</summary>
/// <param name="error">What the response says.</param>
public sealed class KvUnavailableException(KvError error) : KvException(error);

/// <summary>
/// The service lost its database during the write (<c>OUTCOME_UNKNOWN</c>): the change may or may not
/// be stored.
/// </summary>
/// <param name="error">What the response says.</param>
public sealed class KvOutcomeUnknownException(KvError error) : KvException(error);

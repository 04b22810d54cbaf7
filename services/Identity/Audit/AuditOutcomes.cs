namespace KvAspire.Identity.Audit;

internal static class AuditOutcomes
{
    public const string Success = "success";

    /// <summary>Refused: wrong credentials, or not allowed.</summary>
    public const string Failure = "failure";

    /// <summary>A sign-in of a user or client during a lockout.</summary>
    public const string Locked = "locked";

    /// <summary>A sign-in to an account that is disabled or deleted.</summary>
    public const string Disabled = "disabled";
}

namespace KvAspire.Identity.Audit;

/// <summary>How an event ended.</summary>
internal static class AuditOutcomes
{
    /// <summary>As it was asked.</summary>
    public const string Success = "success";

    /// <summary>Refused: wrong credentials, or not allowed.</summary>
    public const string Failure = "failure";

    /// <summary>A sign-in that was refused for the failures before it.</summary>
    public const string Locked = "locked";

    /// <summary>A sign-in to an account that is disabled or being deleted.</summary>
    public const string Disabled = "disabled";
}

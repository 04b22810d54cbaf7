namespace KvAspire.Identity.Audit;

/// <summary>The options of the audit log. Section <c>Audit</c>.</summary>
internal sealed class AuditOptions
{
    public const string Section = "Audit";

    /// <summary>The time after which client addresses are erased: they are personal data. The events stay.</summary>
    public TimeSpan KeepAddressesFor { get; set; } = TimeSpan.FromDays(90);
}

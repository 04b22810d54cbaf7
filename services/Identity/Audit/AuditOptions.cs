namespace KvAspire.Identity.Audit;

/// <summary>What the audit log keeps. Section <c>Audit</c>.</summary>
internal sealed class AuditOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Audit";

    /// <summary>How long client addresses are kept. They are personal data; the events stay without them.</summary>
    public TimeSpan KeepAddressesFor { get; set; } = TimeSpan.FromDays(90);
}

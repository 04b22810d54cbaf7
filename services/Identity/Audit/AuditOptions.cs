namespace KvAspire.Identity.Audit;

/// <summary>The options of the audit log. Section <c>Audit</c>.</summary>
internal sealed class AuditOptions
{
    public const string Section = "Audit";

    /// <summary>The time after which client addresses are erased, a day or more: they are personal data. Events stay.</summary>
    public TimeSpan KeepAddressesFor { get; set; } = TimeSpan.FromDays(90);

    /// <summary>
    /// The time after which events are dropped, a month at a time: 31 days or more. The events of a month go when its last day is so old.
    /// </summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(400);

    /// <summary>How long one event counts its repetitions, such as wrong passwords from one address. Then another one begins.</summary>
    public TimeSpan RepetitionWindow { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The longest <see cref="RepetitionWindow"/>.</summary>
    public static TimeSpan LongestWindow { get; } = TimeSpan.FromDays(1);
}

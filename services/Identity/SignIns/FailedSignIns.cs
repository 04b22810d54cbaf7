namespace KvAspire.Identity.SignIns;

/// <summary>Counts wrong passwords and client secrets by account and address (table <c>failed_sign_ins</c>). Kept for a day.</summary>
internal sealed class FailedSignIns
{
    /// <summary>The <see cref="Account"/> of all unknown usernames.</summary>
    public const string UnknownUser = "nobody";

    /// <summary>The <see cref="Address"/> of all addresses together.</summary>
    public const string Everywhere = "*";

    /// <summary>The id of the user, or <see cref="OfClient"/>.</summary>
    public required string Account { get; set; }

    /// <summary>The network of the client.</summary>
    public required string Address { get; set; }

    /// <summary>The number of wrong passwords since the last right one.</summary>
    public int Failures { get; set; }

    /// <summary>The time of the last one.</summary>
    public DateTimeOffset FailedAt { get; set; }

    /// <summary>The <see cref="Account"/> of a client.</summary>
    public static string OfClient(string id) => $"client:{id}";
}

internal sealed class FailedSignInsMapping : IEntityTypeConfiguration<FailedSignIns>
{
    public void Configure(EntityTypeBuilder<FailedSignIns> builder)
    {
        builder.ToTable("failed_sign_ins");
        builder.HasKey(failed => new { failed.Account, failed.Address }).HasName("pk_failed_sign_ins");
        builder.HasIndex(failed => failed.FailedAt).HasDatabaseName("ix_failed_sign_ins_failed_at");
    }
}

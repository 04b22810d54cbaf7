using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Identity.SignIns;

/// <summary>How often a wrong password was given for an account from an address. Kept for a day.</summary>
internal sealed class FailedSignIns
{
    /// <summary>Stands in <see cref="Account"/> for all names that nobody has.</summary>
    public const string Nobody = "nobody";

    /// <summary>Stands in <see cref="Address"/> for all addresses together.</summary>
    public const string Everywhere = "*";

    /// <summary>The id of the user.</summary>
    public required string Account { get; set; }

    /// <summary>The client's network.</summary>
    public required string Address { get; set; }

    /// <summary>How often since the last right password.</summary>
    public int Failures { get; set; }

    /// <summary>When the last one was.</summary>
    public DateTimeOffset FailedAt { get; set; }
}

/// <summary>The table <c>failed_sign_ins</c>.</summary>
internal sealed class FailedSignInsMapping : IEntityTypeConfiguration<FailedSignIns>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<FailedSignIns> builder)
    {
        builder.ToTable("failed_sign_ins");
        builder.HasKey(failed => new { failed.Account, failed.Address }).HasName("pk_failed_sign_ins");
        builder.HasIndex(failed => failed.FailedAt).HasDatabaseName("ix_failed_sign_ins_failed_at");
    }
}

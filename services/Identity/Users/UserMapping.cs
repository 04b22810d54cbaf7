using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Identity.Users;

/// <summary>The table <c>users</c>. Its unique indexes decide every race for a name.</summary>
internal sealed class UserMapping : IEntityTypeConfiguration<User>
{
    /// <summary>One user for each username, whatever its case.</summary>
    public const string UniqueUsername = "ux_users_username";

    /// <summary>One user for each e-mail address, whatever its case.</summary>
    public const string UniqueEmail = "ux_users_email";

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<User> builder)
    {
        builder.ToTable("users");
        builder.HasKey(user => user.Id).HasName("pk_users");
        builder.Property(user => user.UserName).IsRequired();
        builder.Property(user => user.NormalizedUserName).IsRequired();
        builder.Property(user => user.Email).IsRequired();
        builder.Property(user => user.NormalizedEmail).IsRequired();
        builder.Property(user => user.PasswordHash).IsRequired();
        builder.Property(user => user.ConcurrencyStamp).IsConcurrencyToken();
        builder.HasIndex(user => user.NormalizedUserName).IsUnique().HasDatabaseName(UniqueUsername);
        builder.HasIndex(user => user.NormalizedEmail).IsUnique().HasDatabaseName(UniqueEmail);

        // What is not used is not held.
        builder.Ignore(user => user.PhoneNumber).Ignore(user => user.PhoneNumberConfirmed).Ignore(user => user.TwoFactorEnabled);
    }
}

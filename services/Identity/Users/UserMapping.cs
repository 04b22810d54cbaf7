namespace KvAspire.Identity.Users;

/// <summary>The table <c>users</c>. Its unique indexes decide concurrent registrations of a name.</summary>
internal sealed class UserMapping : IEntityTypeConfiguration<User>
{
    public const string UniqueUsername = "ux_users_username";
    public const string UniqueEmail = "ux_users_email";

    public void Configure(EntityTypeBuilder<User> builder)
    {
        builder.ToTable("users");
        builder.HasKey(user => user.Id).HasName("pk_users");
        builder.Property(user => user.UserName).IsRequired();
        builder.Property(user => user.NormalizedUserName).IsRequired();
        builder.Property(user => user.Email).IsRequired();
        builder.Property(user => user.NormalizedEmail).IsRequired();
        builder.Property(user => user.PasswordHash).IsRequired();
        builder.Property(user => user.Role).HasDefaultValue(UserRoles.User);
        builder.Property(user => user.MustChangePassword).HasDefaultValue(false);
        builder.Property(user => user.ConcurrencyStamp).IsConcurrencyToken();
        builder.HasIndex(user => user.NormalizedUserName).IsUnique().HasDatabaseName(UniqueUsername);
        builder.HasIndex(user => user.NormalizedEmail).IsUnique().HasDatabaseName(UniqueEmail);
        builder.HasIndex(user => user.Role).HasFilter("role <> 'user'").HasDatabaseName("ix_users_role");

        // The administration searches by prefix, and only indexes with these operators serve LIKE.
        builder.HasIndex(user => user.NormalizedUserName, "ix_users_username_prefix").HasOperators("text_pattern_ops");
        builder.HasIndex(user => user.NormalizedEmail, "ix_users_email_prefix").HasOperators("text_pattern_ops");

        // Unused members of IdentityUser have no columns.
        builder.Ignore(user => user.PhoneNumber).Ignore(user => user.PhoneNumberConfirmed).Ignore(user => user.TwoFactorEnabled);
    }
}

namespace KvAspire.Identity.Clients;

/// <summary>A confidential client (RFC 6749, section 2.1) that an administrator registered (table <c>clients</c>).</summary>
internal sealed class Client
{
    /// <summary>The <c>client_id</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The name for people.</summary>
    public required string Name { get; set; }

    /// <summary>The SHA-256 of the secret, which has 256 random bits.</summary>
    public required byte[] SecretHash { get; set; }

    /// <summary>The scopes that the client may request, separated by spaces.</summary>
    public required string Scope { get; set; }

    /// <summary>The audiences that the client serves: it may introspect their tokens (RFC 7662).</summary>
    public string[] Audiences { get; set; } = [];

    /// <summary>Whether users may give the client their passwords.</summary>
    public bool FirstParty { get; set; }

    public bool Disabled { get; set; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// The time of the deletion. The row stays as a tombstone, disabled and without secret, name and scope, so that no other
    /// client ever gets the id and with it the rights of old tokens.
    /// </summary>
    public DateTimeOffset? DeletedAt { get; set; }
}

internal sealed class ClientMapping : IEntityTypeConfiguration<Client>
{
    public void Configure(EntityTypeBuilder<Client> builder)
    {
        builder.ToTable("clients");
        builder.HasKey(client => client.Id).HasName("pk_clients");
        builder.Property(client => client.Audiences).HasDefaultValueSql("'{}'");
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Identity.Clients;

/// <summary>A confidential client (RFC 6749, section 2.1) that an administrator registered.</summary>
internal sealed class Client
{
    /// <summary>The <c>client_id</c>.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; set; }

    /// <summary>The SHA-256 of its secret, which has 256 random bits.</summary>
    public required byte[] SecretHash { get; set; }

    /// <summary>The scopes that it may ask for, separated by spaces.</summary>
    public required string Scope { get; set; }

    /// <summary>Whether users may give it their passwords: it is our own.</summary>
    public bool FirstParty { get; set; }

    /// <summary>Whether it is refused everything.</summary>
    public bool Disabled { get; set; }

    /// <summary>When it was registered.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>The table <c>clients</c>.</summary>
internal sealed class ClientMapping : IEntityTypeConfiguration<Client>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<Client> builder)
    {
        builder.ToTable("clients");
        builder.HasKey(client => client.Id).HasName("pk_clients");
    }
}

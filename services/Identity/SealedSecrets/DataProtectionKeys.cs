using System.Text;
using System.Xml.Linq;
using KvAspire.Identity.Database;
using KvAspire.Identity.SigningKeys;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace KvAspire.Identity.SealedSecrets;

/// <summary>
/// The keys of ASP.NET Core's Data Protection in <c>identitydb</c>, encrypted like the signing keys, so that each replica reads
/// what another one protected. The interface is synchronous.
/// </summary>
internal sealed class DataProtectionKeys(IServiceScopeFactory scopes, KeyEncryption encryption, TimeProvider clock) : IXmlRepository
{
    /// <summary>The beginning of the names.</summary>
    public const string Prefix = "data-protection/";

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var scope = scopes.CreateScope();
        return [.. scope.ServiceProvider.GetRequiredService<IdentityDb>().SealedSecrets.AsNoTracking()
            .Where(secret => secret.Name.StartsWith(Prefix)).OrderBy(secret => secret.CreatedAt).AsEnumerable()
            .Select(secret => XElement.Parse(Encoding.UTF8.GetString(encryption.Open(secret.Name, secret.Box))))];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        var name = Prefix + friendlyName;
        var box = encryption.Seal(name, Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting)));
        using var scope = scopes.CreateScope();
        var db = scope.ServiceProvider.GetRequiredService<IdentityDb>();
        db.SealedSecrets.Add(new() { Name = name, Box = box, CreatedAt = clock.GetUtcNow() });
        db.SaveChanges();
    }
}

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KvAspire.Gateway.Tests.Fixtures;

/// <summary>A self-signed certificate for this machine, in files that Kestrel's settings can name.</summary>
internal sealed class ThrowawayCertificate : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("certificate-").FullName;

    public ThrowawayCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(CertificatePath, certificate.ExportCertificatePem());
        File.WriteAllText(KeyPath, key.ExportPkcs8PrivateKeyPem());
    }

    public string CertificatePath => Path.Combine(folder, "tls.crt");

    public string KeyPath => Path.Combine(folder, "tls.key");

    public void Dispose() => Directory.Delete(folder, recursive: true);
}

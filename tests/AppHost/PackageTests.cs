using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Xml.Linq;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.AppHost.Tests;

/// <summary>The client's package, made as in docs/how-to/call-the-api.md.</summary>
public sealed class PackageTests
{
    // An arbitrary time. Zip stores even seconds only.
    private static readonly DateTimeOffset CommittedAt = new(2026, 1, 2, 3, 4, 6, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_clients_package_is_complete_and_has_no_trace_of_the_build_machine()
    {
        var folder = Directory.CreateTempSubdirectory("package-").FullName;
        try
        {
            await PackAsync(folder);
            using var package = await ZipFile.OpenReadAsync(Assert.Single(Directory.GetFiles(folder, "*.nupkg")), Cancel);
            using var symbols = await ZipFile.OpenReadAsync(Assert.Single(Directory.GetFiles(folder, "*.snupkg")), Cancel);

            string[] members = ["README.md", "lib/net10.0/KvAspire.Client.dll", "lib/net10.0/KvAspire.Client.xml", "lib/net8.0/KvAspire.Client.dll"];
            Assert.Equal(members, members.Where(member => package.GetEntry(member) is not null));
            Assert.NotNull(symbols.GetEntry("lib/net10.0/KvAspire.Client.pdb"));
            Assert.All(package.Entries, entry => Assert.Equal(CommittedAt.DateTime, entry.LastWriteTime.DateTime));
            Assert.DoesNotContain(Repository.Root, await TextAsync(package, "lib/net10.0/KvAspire.Client.dll"), StringComparison.Ordinal);
            Assert.DoesNotContain(Repository.Root, await TextAsync(symbols, "lib/net10.0/KvAspire.Client.pdb"), StringComparison.Ordinal);

            var metadata = XDocument.Parse((await TextAsync(package, "KvAspire.Client.nuspec")).TrimStart('\ufeff')).Root!.Elements().Single();
            string? Of(string name) => metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value;
            Assert.Equal(("KvAspire.Client", "MIT", "README.md"), (Of("id"), Of("license"), Of("readme")));
            Assert.NotEmpty(Of("description")!);
            Assert.Equal("git", metadata.Elements().Single(element => element.Name.LocalName == "repository").Attribute("type")?.Value);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // The tests have built one of the frameworks; packing builds the other.
    private static async Task PackAsync(string folder)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var project = Path.Combine(Repository.Root, "clients", "KvAspire.Client");
        var start = new ProcessStartInfo("dotnet", ["pack", project, "-c", configuration, "-o", folder, "--no-restore", "-nodeReuse:false"])
        {
            RedirectStandardOutput = true,
            Environment = { ["SOURCE_DATE_EPOCH"] = $"{CommittedAt.ToUnixTimeSeconds()}" },
        };
        using var pack = Process.Start(start)!;
        var output = await pack.StandardOutput.ReadToEndAsync(Cancel);
        await pack.WaitForExitAsync(Cancel);
        Assert.True(pack.ExitCode is 0, output);
    }

    private static async Task<string> TextAsync(ZipArchive archive, string member)
    {
        await using var content = await archive.GetEntry(member)!.OpenAsync(Cancel);
        using var reader = new StreamReader(content, Encoding.UTF8);
        return await reader.ReadToEndAsync(Cancel);
    }
}

using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using KvAspire.Hosting.Ports;

namespace KvAspire.Bench;

/// <summary>
/// A second set of the three services without the orchestrator: the same programs and environments as the running ones, on other
/// ports, in one session like the jobs of a shell.
/// </summary>
internal sealed class BareServices : IAsyncDisposable
{
    private const int Terminate = 15;

    private static readonly string[] Names = ["identity", "data", "gateway"];

    private readonly Process session;

    private BareServices(Process session, Uri gateway) => (this.session, Gateway) = (session, gateway);

    public Uri Gateway { get; }

    /// <summary>Starts the services.</summary>
    /// <param name="system">Whose programs and environments they share.</param>
    /// <param name="changes">Variables that differ.</param>
    public static async Task<BareServices> StartAsync(SystemUnderLoad system, Dictionary<string, string>? changes = null)
    {
        var environments = Names.ToDictionary(name => name, name => Variables($"/proc/{system.ProcessOf(name)}/environ"));
        var addresses = environments.Values.SelectMany(variables => variables)
            .Where(variable => variable.Name.StartsWith("Kestrel__Endpoints__", StringComparison.Ordinal) && variable.Name.EndsWith("__Url", StringComparison.Ordinal))
            .ToDictionary(variable => variable.Value, _ => $"http://localhost:{PortChoice.FreePort()}");

        var script = new StringBuilder();
        foreach (var name in Names)
        {
            var process = $"/proc/{system.ProcessOf(name)}";
            script.Append("(cd ").Append(Quote(new FileInfo($"{process}/cwd").LinkTarget!)).Append(" && exec env -i");
            foreach (var (variable, value) in environments[name].Where(own => changes?.ContainsKey(own.Name) is not true))
                script.Append(' ').Append(Quote($"{variable}={(variable == "Tokens__Issuer" ? value : addresses.GetValueOrDefault(value, value))}"));
            foreach (var (variable, value) in changes ?? [])
                script.Append(' ').Append(Quote($"{variable}={value}"));
            script.Append(' ').Append(Quote(new FileInfo($"{process}/exe").LinkTarget!)).Append(" >/dev/null 2>&1) &\n");
        }

        var session = Process.Start(new ProcessStartInfo("setsid", ["sh", "-c", script.Append("wait\n").ToString()]))!;
        var gateway = addresses[environments["gateway"].Single(variable => variable.Name == "Kestrel__Endpoints__http__Url").Value];
        var bare = new BareServices(session, new Uri(gateway));
        await Readiness.WaitAsync(bare.Gateway, "/health");
        return bare;
    }

    /// <summary>The resident memory of each service, in bytes.</summary>
    public IReadOnlyDictionary<string, long> Resident() => Names.ToDictionary(
        name => name, name => CpuTime.ResidentBelow(session.Id, $"KvAspire.{char.ToUpperInvariant(name[0])}{name[1..]}"));

    public async ValueTask DisposeAsync()
    {
        _ = kill(-session.Id, Terminate); // the process group of all services
        await session.WaitForExitAsync();
        session.Dispose();
    }

    private static List<(string Name, string Value)> Variables(string file) =>
        [.. File.ReadAllText(file).Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(variable => (variable[..variable.IndexOf('=')], variable[(variable.IndexOf('=') + 1)..]))];

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int processId, int signal);
}

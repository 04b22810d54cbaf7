using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.Processes;

namespace Aspire.Hosting.State;

/// <summary>
/// What one AppHost keeps between its runs: <c>{root}/{name}-{first 10 hex digits of the SHA-256 of its project folder}</c>.
/// It is made, and locked, when it is first needed.
/// </summary>
internal sealed class StateFolder(string appHostName, string appHostDirectory, RunOptions run) : IDisposable
{
    private readonly Lock _lock = new();
    private FolderLock? _held;
    private RunFolder? _temporary;

    /// <summary>Where it is, or would be.</summary>
    public string Path { get; } = System.IO.Path.Combine(StateRoot.Path, $"{appHostName.ToLowerInvariant()}-{Hash(appHostDirectory)}");

    /// <summary>Generated parameters that are kept.</summary>
    public ParameterStore Parameters => new(Open());

    /// <summary>A folder for this run only; it goes when the AppHost ends, or, if it is killed, when the next one starts.</summary>
    public string Temporary
    {
        get
        {
            lock (_lock)
                return (_temporary ??= new RunFolder()).Path;
        }
    }

    public static StateFolder Of(IDistributedApplicationBuilder builder) => (StateFolder)builder.Services
        .Single(service => service.ServiceType == typeof(StateFolder)).ImplementationInstance!;

    /// <summary>Makes and locks the folder. Tests that choose their ports at random keep nothing: theirs is temporary.</summary>
    public string Open()
    {
        if (run.RandomizePorts)
            return Temporary;

        lock (_lock)
        {
            PrivateFolder.Create(StateRoot.Path);
            PrivateFolder.Create(Path);
            _held ??= FolderLock.TryTake(Path) ?? throw new DistributedApplicationException(
                $"This AppHost is already running from '{appHostDirectory}': stop that one first, or run this one from another clone.");
            return Path;
        }
    }

    /// <summary>Lets that user reach its own folders inside <paramref name="folder"/>.</summary>
    public static void LetPass(string folder, UnixUser user)
    {
        for (var at = folder; at.Length >= StateRoot.Path.Length; at = System.IO.Path.GetDirectoryName(at)!)
            PrivateFolder.LetPass(at, user);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _held?.Dispose();
            _held = null;
            _temporary?.Dispose();
            _temporary = null;
        }
    }

    private static string Hash(string directory) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(System.IO.Path.TrimEndingDirectorySeparator(directory))))[..10];
}

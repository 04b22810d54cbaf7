namespace KvAspire.Hosting.Tests;

/// <summary>A folder for one test's state; servers that run as another user can pass through it.</summary>
internal sealed class Scratch : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("hosting-test-").FullName;

    /// <summary>Where the one AppHost that ran here keeps its state.</summary>
    public string StateFolder => Assert.Single(Directory.GetDirectories(Path, "kvaspire.tinyapphost-*"));

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A server that was killed with its AppHost may still be writing its last.
        }
    }
}

using Aspire.Hosting.Processes;

namespace Aspire.Hosting.State;

/// <summary>Folders and files that nobody else may read.</summary>
internal static class PrivateFolder
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static string Create(string path)
    {
        Directory.CreateDirectory(path, Owner);
        return path;
    }

    /// <summary>Lets that user pass through, and nothing else: what the user may read inside is its own.</summary>
    public static void LetPass(string path, UnixUser user)
    {
        LibC.ChangeOwner(path, user, ownerOnly: 0);
        File.SetUnixFileMode(path, Owner | UnixFileMode.GroupExecute);
    }

    /// <summary>Makes the folder that user's own.</summary>
    public static string CreateFor(string path, UnixUser? user)
    {
        Create(path);
        if (user is not null)
            LibC.ChangeOwner(path, user);

        return path;
    }

    /// <summary>Writes a file in one step: whoever reads it sees the old text or the new one.</summary>
    public static void WriteFile(string path, string text, UnixUser? user = null)
    {
        var fresh = $"{path}.{Environment.ProcessId}.new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var writer = new StreamWriter(fresh, options))
            writer.Write(text);
        if (user is not null)
            LibC.ChangeOwner(fresh, user);

        File.Move(fresh, path, overwrite: true);
    }
}

using System.Runtime.InteropServices;

namespace Aspire.Hosting.Processes;

/// <summary>The signals that processes are told with, by the names and numbers that the system has for them.</summary>
internal enum Signal
{
    INT = 2,
    QUIT = 3,
    KILL = 9,
    TERM = 15,
}

/// <summary>The system calls that .NET has no method for.</summary>
internal static partial class LibC
{
    /// <summary>Signals a process; with a negative id, its whole group. A process that is gone is no error.</summary>
    public static void Kill(int processId, Signal signal) => _ = kill(processId, (int)signal);

    public static void ChangeOwner(string path, UnixUser user, int? ownerOnly = null)
    {
        if (chown(path, ownerOnly ?? user.Id, user.GroupId) != 0)
            throw new IOException($"Cannot give '{path}' to the user '{user.Name}': {Marshal.GetLastPInvokeErrorMessage()}.");
    }

#pragma warning disable SYSLIB1054, IDE1006 // The names are the system's.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int sig);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chown(string path, int owner, int group);
#pragma warning restore SYSLIB1054, IDE1006
}

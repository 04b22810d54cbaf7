using Aspire.Hosting.Processes;

namespace Aspire.Hosting.State;

/// <summary>Where everything that AppHosts keep lies. Outside of the repository: a database server must reach it, git must not.</summary>
internal static class StateRoot
{
    /// <summary>Names another folder.</summary>
    public const string Variable = "KVASPIRE_STATE";

    public static string Path =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? System.IO.Path.GetFullPath(path)
        : UnixUser.IsRoot ? "/var/lib/kvaspire"
        : System.IO.Path.Combine(
            Environment.GetFolderPath(
                Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "kvaspire");
}

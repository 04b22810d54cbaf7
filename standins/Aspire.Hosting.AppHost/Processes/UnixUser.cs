using System.Globalization;

namespace Aspire.Hosting.Processes;

/// <summary>An account of this machine.</summary>
internal sealed record UnixUser(string Name, int Id, int GroupId)
{
    public static bool IsRoot => Environment.IsPrivilegedProcess;

    /// <summary>The account of that name, if the machine has it.</summary>
    public static UnixUser? Find(string name)
    {
        var fields = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).FirstOrDefault(f => f[0] == name);
        return fields is null
            ? null
            : new(name, int.Parse(fields[2], CultureInfo.InvariantCulture), int.Parse(fields[3], CultureInfo.InvariantCulture));
    }
}

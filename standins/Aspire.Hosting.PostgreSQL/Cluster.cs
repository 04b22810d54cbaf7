using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Processes;
using Aspire.Hosting.State;

namespace Aspire.Hosting.Postgres;

/// <summary>A server's data folder before its first start.</summary>
internal sealed class Cluster(string data, UnixUser? user, bool temporary)
{
    public async Task InitializeAsync(string userName, string password, ResourceLog log)
    {
        var last = "";
        var file = data + ".password"; // Never an argument: those can be read by everybody.
        PrivateFolder.WriteFile(file, password, user);
        try
        {
            using var child = await ProcessSpawner.StartAsync(
                new ProcessSpec
                {
                    FileName = PostgresPrograms.Require("initdb"),
                    Arguments =
                    [
                        "-D", data, "-U", userName, $"--pwfile={file}",
                        "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8",
                        .. temporary ? ["--no-sync"] : Array.Empty<string>(), // It need not survive the machine.
                    ],
                    User = user,
                },
                (line, isError) => last = isError ? line : last);
            if (await child.Exited != 0)
                throw new DistributedApplicationException($"initdb could not make the data folder '{data}': {last}");

            log.Write("Made a new data folder.", isError: false);
        }
        catch
        {
            // Half a cluster would be taken for a whole one at the next start.
            Directory.Delete(data, recursive: true);
            throw;
        }
        finally
        {
            File.Delete(file);
        }
    }
}

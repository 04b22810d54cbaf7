using System.Diagnostics;
using System.Security.Cryptography;

namespace KvAspire.Bench;

/// <summary>The identity service's default password hash, on all processors and nothing else.</summary>
internal static class HashAlone
{
    private const int Iterations = 210_000, SaltBytes = 16, KeyBytes = 32;

    public static async Task<Load> RunAsync(int seconds)
    {
        var (began, before, machine) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, CpuTime.Machine());
        var counts = await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Factory.StartNew(
            () =>
            {
                var hashes = 0;
                for (; Stopwatch.GetElapsedTime(began).TotalSeconds < seconds; hashes++)
                    Rfc2898DeriveBytes.Pbkdf2(SystemUnderLoad.Password, new byte[SaltBytes], Iterations, HashAlgorithmName.SHA512, KeyBytes);
                return hashes;
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        var (took, cpu) = (Stopwatch.GetElapsedTime(began), Environment.CpuUsage.TotalTime - before);
        return new(counts.Sum() / took.TotalSeconds, took.TotalMilliseconds * counts.Length / counts.Sum(), 0, cpu.TotalMicroseconds / counts.Sum(), cpu.TotalSeconds / (CpuTime.Machine() - machine), 0);
    }
}

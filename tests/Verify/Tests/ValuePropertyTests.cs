using System.Text;
using Xunit;

namespace KvAspire.Verify.Tests;

/// <summary>The text of every value is returned unchanged, through the gateway, from the cache and past it.</summary>
[Collection(SharedSystem.Name)]
public sealed class ValuePropertyTests(SharedSystem shared, ITestOutputHelper output)
{
    private const int Count = 1_000;
    private const int MaxBytes = 1024 * 1024;

    private static readonly int[] Sizes = [4_000, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 300_000, MaxBytes - 1, MaxBytes];

    private static readonly bool[] FromWhere = [false, true, false];

    [Fact]
    public async Task Generated_values_are_returned_byte_for_byte()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var generator = new GeneratedValues(seed);
        var values = Enumerable.Range(0, Count).Select(_ => generator.Next()).Concat(Sizes.Select(generator.OfSize)).Index().ToList();
        Assert.Equal(MaxBytes, Encoding.UTF8.GetByteCount(values[^1].Item));
        using var door = await shared.NewUserAsync();

        await Parallel.ForEachAsync(values, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (pair, _) =>
        {
            var (i, value) = pair;
            await door.SendAsync(201, HttpMethod.Post, "/api/data", $$"""{"key":"v{{i}}", "value": {{value}} }""");
            foreach (var fresh in FromWhere)
            {
                var (body, _) = await door.SendAsync(200, HttpMethod.Get, $"/api/data/v{i}", fresh: fresh);
                Assert.True(body == $$$"""{"status":"success","data":{"key":"v{{{i}}}","value":{{{value}}}}}""", $"Not as it was sent: {value}");
            }
        });
    }
}

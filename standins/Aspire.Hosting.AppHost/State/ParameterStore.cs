using System.Text.Json;

namespace Aspire.Hosting.State;

/// <summary>The generated values that are kept: a file that only its owner can read.</summary>
internal sealed class ParameterStore(string folder)
{
    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true };
    private static readonly Lock _lock = new();

    private readonly string _path = Path.Combine(folder, "parameters.json");

    public string GetOrAdd(string name, Func<string> generate)
    {
        lock (_lock)
        {
            var values = File.Exists(_path)
                ? JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(_path)) ?? []
                : [];
            if (!values.TryGetValue(name, out var value))
            {
                values[name] = value = generate();
                PrivateFolder.WriteFile(_path, JsonSerializer.Serialize(values, _json));
            }

            return value;
        }
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;
using KvAspire.Client;

// A tour of the client for a published application that is trimmed or AOT. The first argument is the gateway's URL. The last
// line says that all is well.
var gateway = new Uri(args[0]);
var name = $"user_{Guid.NewGuid():N}";
const string Password = "correct horse battery staple";
using (var anonymous = new KvClient(gateway, KvCredentials.None))
    await anonymous.RegisterAsync(new(name, $"{name}@example.com", Password, "John Doe"));
using var kv = new KvClient(gateway, KvCredentials.Password(name, Password), new() { Values = KvJson.With(TourJson.Default) });

var created = await kv.CreateAsync("users/1", new Guest("Ada", 36));
var read = await kv.GetAsync<Guest>("users/1");
Check(read?.Value == new Guest("Ada", 36) && read.Revision == created.Revision, "get");
Check(ReferenceEquals(read, await kv.RefreshAsync(read!)), "refresh");
await ThrowsAsync<KvKeyExistsException>(() => kv.CreateAsync("users/1", 1));
await ThrowsAsync<KvKeyNotFoundException>(() => kv.ReplaceAsync("users/2", 1));
await ThrowsAsync<KvPreconditionFailedException>(() => kv.ReplaceAsync("users/1", 1, new() { IfMatch = created.Revision - 1 }));
await ThrowsAsync<KvValueException>(() => kv.SetAsync("users/3", new Version(1, 0))); // no contract, no silent loss
Check((await kv.SetAsync("users/2", new Guest("Grace", 40), type: TourJson.Default.Guest)).Created, "set");
Check((await kv.GetAsync<JsonElement>("users/2"))!.Value.GetProperty("age").GetInt32() == 40, "camelCase");
Check(await kv.AddAsync("visits", 5) == 5, "add");

var keys = new List<string>();
await foreach (var entry in kv.ListAsync<Guest>(new() { Prefix = "users/" }))
    keys.Add(entry.Key);
Check(keys is ["users/1", "users/2"], "list");
await foreach (var change in kv.WatchAsync<Guest>("users/", after: 0))
{
    Check(change is { Key: "users/1", Value.Name: "Ada" }, "watch");
    break;
}

Check((await kv.BulkAsync([KvOperation.Delete("users/1"), KvOperation.Get("users/2")])).All(outcome => outcome.Succeeded), "bulk");
Check(await kv.DeleteAsync("visits") && (await kv.AccountAsync()).Username == name, "account");
await kv.DeleteAccountAsync(Password);
Console.WriteLine("All is well.");

static void Check(bool holds, string what)
{
    if (!holds)
        throw new InvalidOperationException($"The tour failed at: {what}.");
}

static async Task ThrowsAsync<TException>(Func<Task> call)
    where TException : Exception
{
    try
    {
        await call();
    }
    catch (TException)
    {
        return;
    }

    Check(false, typeof(TException).Name);
}

internal sealed record Guest(string Name, int Age);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Guest))]
internal sealed partial class TourJson : JsonSerializerContext;

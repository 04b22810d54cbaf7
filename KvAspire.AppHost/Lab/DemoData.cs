using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace KvAspire.AppHost.Lab;

/// <summary>A user with entries like those of a shop. Repeats store what is missing and change nothing.</summary>
internal static class DemoData
{
    private static readonly string[] People = ["Ada Lovelace", "Grace Hopper", "Alan Turing", "Edsger Dijkstra", "Barbara Liskov", "Donald Knuth"];
    private static readonly string[] Goods = ["notebook", "pencil", "lamp", "desk", "chair"];

    public static LabCommand Of(LabUser demo) => new(
        "seed-demo-data", "Seed demo data", "DatabaseArrowDown",
        $"Registers the user {demo.Name} and stores entries like those of a shop. Shows the password.",
        async context =>
        {
            using var gateway = await demo.SignInAsync(connections: 1, context.CancellationToken);
            var (stored, all) = await StoreAsync(gateway, context.CancellationToken);
            var password = await demo.Password.GetValueAsync(context.CancellationToken);
            return new(
                string.Create(CultureInfo.InvariantCulture, $"The user {demo.Name} has {all} entries, {stored} of them new."),
                $"{gateway.BaseAddress}docs: sign in as `{demo.Name}` with the password `{password}`, then list with `prefix=users/` and `delimiter=/`.",
                "Traces: `POST /api/bulk` with one span of Postgres for all entries.");
        });

    private static async Task<(int Stored, int All)> StoreAsync(HttpClient gateway, CancellationToken cancellationToken)
    {
        var operations = Entries().Select(entry => new { op = "create", key = entry.Key, value = entry.Value }).ToList();
        using var answer = await gateway.PostAsJsonAsync("/api/bulk", new { operations }, cancellationToken);
        answer.EnsureSuccessStatusCode();
        var results = (await answer.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!["data"]!["results"]!.AsArray();
        var stored = results.Count(result => result!["status"]!.GetValue<int>() == 201);
        if (results.FirstOrDefault(result => result!["status"]!.GetValue<int>() is not (201 or 409)) is { } refused)
            throw new DistributedApplicationException($"An entry was refused: {refused["code"]}");

        return (stored, results.Count);
    }

    private static IEnumerable<(string Key, object Value)> Entries()
    {
        for (var person = 0; person < People.Length; person++)
        {
            var (id, name) = (person + 42, People[person]);
            yield return ($"users/{id}", new { name, roles = person == 0 ? new[] { "admin", "author" } : ["author"] });
            yield return ($"users/{id}/settings", new { theme = person % 2 == 0 ? "dark" : "light", language = "en" });
            yield return ($"carts/{id}", new { items = Goods.Take(person).Select(good => new { good, count = person }) });
        }

        for (var order = 1; order <= 20; order++)
        {
            var (customer, good) = ($"users/{(order % People.Length) + 42}", Goods[order % Goods.Length]);
            yield return (string.Create(CultureInfo.InvariantCulture, $"orders/2026/{order:D6}"), new { customer, good, count = order % 4, total = 4.5 * order, paid = order % 3 != 0 });
        }

        yield return ("flags/new-checkout", true);
        yield return ("flags/dark-mode", new { enabled = true, share = 0.25 });
        yield return ("config/mail", new { host = "mail.example.com", port = 587 });
        yield return ("counters/visits", 1024);
    }
}

using System.Text.Json;
using Xunit;

namespace KvAspire.Data.Tests.Fixtures;

/// <summary>Reads lists as a client does, page by page.</summary>
internal static class Listing
{
    private const int MostPages = 2_000;

    extension(User user)
    {
        /// <summary>Reads the <c>data</c> of one page.</summary>
        public async Task<JsonDocument> PageAsync(string query)
        {
            using var response = await user.GetAsync($"/api/data?{query}");
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True((int)response.StatusCode == 200, text);
            using var body = JsonDocument.Parse(text);
            return JsonDocument.Parse(body.RootElement.GetProperty("data").GetRawText());
        }

        /// <summary>Reads the keys of all pages.</summary>
        public async Task<string[]> ListAsync(string query, int limit) => (await user.ListFoldersAsync(query, limit)).Items;

        /// <summary>Reads the keys and the folders of all pages.</summary>
        public async Task<(string[] Items, string[] Prefixes)> ListFoldersAsync(string query, int limit)
        {
            var (items, prefixes, cursor) = (new List<string>(), new List<string>(), "");
            for (var i = 0; i < MostPages; i++)
            {
                using var page = await user.PageAsync($"{query}&limit={limit}&cursor={cursor}");
                var pageItems = page.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("key").GetString()!).ToArray();
                var pagePrefixes = page.RootElement.GetProperty("prefixes").EnumerateArray().Select(prefix => prefix.GetString()!).ToArray();
                Assert.InRange(pageItems.Length + pagePrefixes.Length, 0, limit);
                items.AddRange(pageItems);
                prefixes.AddRange(pagePrefixes);
                if (page.RootElement.GetProperty("list_complete").GetBoolean())
                    return ([.. items], [.. prefixes]);

                cursor = page.RootElement.GetProperty("cursor").GetString()!;
            }

            throw new InvalidOperationException("The list does not end.");
        }
    }
}

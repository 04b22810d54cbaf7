namespace KvAspire.Bench;

/// <summary>Waits for started processes.</summary>
internal static class Readiness
{
    /// <summary>Waits up to 30 seconds until a server responds with a success.</summary>
    public static async Task WaitAsync(Uri address, string path)
    {
        using var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(2) };
        for (var attempt = 0; attempt < 300; attempt++)
        {
            try
            {
                using var answer = await client.GetAsync(path);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                // Not ready yet.
            }

            await Task.Delay(100);
        }

        throw new TimeoutException($"{address} is not ready.");
    }
}

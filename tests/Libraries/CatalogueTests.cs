using System.Text.RegularExpressions;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.TestKit;

namespace KvAspire.Libraries.Tests;

public sealed partial class CatalogueTests
{
    [Fact]
    public void The_documented_table_of_errors_is_the_catalogue()
    {
        var documented = Row().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "reference", "errors.md")))
            .Select(row => (row.Groups["code"].Value, int.Parse(row.Groups["status"].Value), row.Groups["message"].Value));

        Assert.Equal(ErrorCatalogue.All.Select(error => (error.Code, error.Status, error.Message)), documented);
    }

    [Fact]
    public void Each_code_is_unique_and_has_a_message_and_an_error_status()
    {
        Assert.Distinct(ErrorCatalogue.All.Select(error => error.Code));
        Assert.All(ErrorCatalogue.All, error =>
        {
            Assert.Matches("^[A-Z][A-Z_]*[A-Z]$", error.Code);
            Assert.InRange(error.Status, 400, 599);
            Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData(400), InlineData(401), InlineData(403), InlineData(404), InlineData(405), InlineData(408), InlineData(413)]
    [InlineData(415), InlineData(429), InlineData(431), InlineData(500), InlineData(502), InlineData(503), InlineData(504)]
    public void A_response_with_only_a_status_has_the_error_of_that_status(int status) =>
        Assert.Equal(status, ErrorCatalogue.ForStatus(status).Status);

    [GeneratedRegex(@"^\| (?<code>[A-Z][A-Z_]+) \| (?<status>\d{3}) \| (?<message>.+?) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}

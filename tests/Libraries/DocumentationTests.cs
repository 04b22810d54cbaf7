using System.Text.RegularExpressions;
using KvAspire.TestKit;

namespace KvAspire.Libraries.Tests;

/// <summary>What the documentation names exists.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string[] Built = ["bin", "obj", "artifacts", ".git", "node_modules"];

    [Fact]
    public void READMEs_length_is_at_most_150_lines() =>
        Assert.InRange(File.ReadAllLines(Path.Combine(Repository.Root, "README.md")).Length, 1, 150);

    [Fact]
    public void Every_relative_link_leads_to_a_file_and_a_heading()
    {
        var broken =
            from page in Files("*.md")
            from link in Link().Matches(Prose(File.ReadAllText(page))).Select(match => match.Groups["target"].Value)
            where !link.Contains("://", StringComparison.Ordinal)
            let parts = link.Split('#')
            let target = parts[0].Length == 0 ? page : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, parts[0]))
            where !Path.Exists(target) || (parts.Length > 1 && !Anchors(target).Contains(parts[1]))
            select $"{Relative(page)}: {link}";

        Assert.Empty(broken);
    }

    [Fact]
    public void Every_file_that_the_documentation_names_exists()
    {
        var missing =
            from page in Files("*.md")
            from name in Name().Matches(File.ReadAllText(page)).Select(match => match.Groups["path"].Value)
            where !Path.Exists(Path.Combine(Repository.Root, name))
            select $"{Relative(page)}: {name}";

        Assert.Empty(missing);
    }

    [Fact]
    public void Every_page_that_the_source_names_exists()
    {
        string[] sources = [.. Files("*.cs"), .. Files("*.targets"), .. Files("*.sql"), Path.Combine(Repository.Root, "kv")];
        var missing =
            from source in sources
            from page in Page().Matches(File.ReadAllText(source)).Select(match => match.Value)
            where !File.Exists(Path.Combine(Repository.Root, page))
            select $"{Relative(source)}: {page}";

        Assert.Empty(missing);
    }

    [Fact]
    public void Every_page_is_in_the_index_of_its_folder_or_of_all()
    {
        var folder = Path.Combine(Repository.Root, "docs");
        var index = File.ReadAllText(Path.Combine(folder, "README.md"))
            + File.ReadAllText(Path.Combine(folder, "runbooks", "README.md")).Replace("](", "](runbooks/", StringComparison.Ordinal);

        var pages = Directory.EnumerateFiles(folder, "*.md", SearchOption.AllDirectories)
            .Select(page => Path.GetRelativePath(folder, page).Replace('\\', '/')).Where(page => page != "README.md");

        Assert.All(pages, page => Assert.Contains($"]({page})", index, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Files(string pattern) =>
        Directory.EnumerateFiles(Repository.Root, pattern, SearchOption.AllDirectories)
            .Where(file => !Relative(file).Split('/').Any(Built.Contains));

    private static string Relative(string file) => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/');

    // Code is no prose: ](x) in it is no link, and # no heading.
    private static string Prose(string page) => Code().Replace(page, "");

    // As GitHub makes them.
    private static HashSet<string> Anchors(string page) =>
        [.. Heading().Matches(Code().Replace(File.ReadAllText(page), code => code.Value.Trim('`'))).Select(heading =>
            NoAnchor().Replace(heading.Groups["text"].Value.ToLowerInvariant(), "").Replace(' ', '-'))];

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchor();

    [GeneratedRegex(@"^```.*?^```|`[^`\n]+`", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Code();

    [GeneratedRegex(
        @"`(?<path>(services|libraries|tests|clients|bench|docs|observability|KvAspire\.(AppHost|Hosting|ServiceDefaults))(/[\w.-]+)*/?)`")]
    private static partial Regex Name();

    [GeneratedRegex(@"\bdocs/[\w/-]+\.md")]
    private static partial Regex Page();
}

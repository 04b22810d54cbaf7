using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using KvAspire.Database;
using KvAspire.TestKit;

namespace KvAspire.Libraries.Tests;

public sealed partial class AdvisoryLockTests
{
    private static readonly long[] Ids =
    [
        .. typeof(AdvisoryLocks).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)),
    ];

    [Fact]
    public void No_two_locks_share_an_id()
    {
        Assert.NotEmpty(Ids);
        Assert.Equal(Ids.Distinct(), Ids);
    }

    [Fact]
    public void SQL_locks_by_ids_of_the_list_alone()
    {
        var locks = Directory.EnumerateFiles(Path.Combine(Repository.Root, "services"), "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".cs" or ".sql" && !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => LockFunction().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["arguments"].Value)
            .ToList();

        Assert.NotEmpty(locks);
        Assert.All(locks, arguments =>
        {
            var numbers = Number().Matches(arguments);
            Assert.True(numbers.Count > 0 || arguments.Contains('{'), arguments); // in braces, C# names an id of the list
            Assert.All(numbers, number => Assert.Contains(long.Parse(number.Value, CultureInfo.InvariantCulture), Ids));
        });
    }

    [GeneratedRegex(@"pg_(try_)?advisory_(xact_)?(un)?lock(_shared)?\((?<arguments>.*)")]
    private static partial Regex LockFunction();

    // Neither a parameter such as $1 nor a part of a name.
    [GeneratedRegex(@"(?<![\w$])\d+")]
    private static partial Regex Number();
}

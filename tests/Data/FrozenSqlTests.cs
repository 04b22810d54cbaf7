using System.Security.Cryptography;
using System.Text;
using KvAspire.Data.Database;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Released versions of database functions never change: replicas of two releases run on one database.</summary>
public sealed class FrozenSqlTests
{
    private const string Folder = "Database/Functions/";

    // SHA-256 of what SqlFile reads, so that the comment at the top of a file may be improved.
    private static readonly Dictionary<string, string> Released = new()
    {
        ["kv_expire_locked.1.sql"] = "0ff1736498191b0bcbe73d8aafabfbce1fd2660c43c1e2e96663c7fe14a502ac",
        ["kv_refuse_erased.1.sql"] = "d46db46222dd06b0e379572e4fbef00b1faa588be63ee854bebe144a32fde6e7",
        ["kv_write.1.sql"] = "afb48fda8a6467f0bfd3725985c3e15385c44dfbd0e02676fcc265a6b7ecb67a",
        ["kv_write.2.sql"] = "1669c8a28f508212dd1fc23a3bc9adc73fec60b38bc3ee37f495c08fb276ad2c",
        ["kv_write.3.sql"] = "22241fe084bacf5729a2ef11cc6ddafc115a09f7e940ba0b8a533da5597d2c1d",
        ["kv_write.4.sql"] = "95dfbec284b6baa093ee31c64dfe8c7e7ff65204b27f410f80cd2bcd565a9d35",
        ["kv_write_once.1.sql"] = "f2c467c1205280639bea80e4b97ad47efa74e1a8028f42b9cc835a45f704f041",
        ["kv_write_once.2.sql"] = "7e4b92ebb1707fe4673e11f99a227de0aadff2490ff97e09c5175f8d3e74df8d",
        ["kv_write_once.3.sql"] = "3d33261b3b4875fa2737123e16bc9ce9f89f54d9b6929ec96e4fbcf0fb8d32c2",
        ["kv_write_once.4.sql"] = "c1af0d15a88acbf4848fb04593d0dcc17e9b5a94f4703b8579f59832c1a14727",
    };

    [Fact]
    public void Released_functions_are_never_edited()
    {
        foreach (var (file, hash) in Released)
        {
            var actual = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(SqlFile.Read(Folder + file))));
            Assert.True(actual == hash,
                $"{file} is released and must not change: existing databases have run it. Restore it, copy it to a file of the next "
                + $"version with a new function name, create that function in a new migration, and call it from the service. ({actual})");
        }
    }

    [Fact]
    public void Each_function_file_has_its_hash_here()
    {
        var files = typeof(SqlFile).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).Select(name => name[Folder.Length..]);
        Assert.Equal(Released.Keys.Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
    }
}

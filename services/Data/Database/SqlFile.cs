using KvAspire.Database;

namespace KvAspire.Data.Database;

/// <summary>Reads the <c>.sql</c> files of this project.</summary>
internal static class SqlFile
{
    /// <inheritdoc cref="EmbeddedSql.Read"/>
    public static string Read(string path) => EmbeddedSql.Read(typeof(SqlFile).Assembly, path);
}

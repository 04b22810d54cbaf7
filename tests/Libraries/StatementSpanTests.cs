using KvAspire.Database;

namespace KvAspire.Libraries.Tests;

public sealed class StatementSpanTests
{
    [Theory]
    [InlineData("SELECT outcomes FROM kv_write_4($1, $2)", "SELECT kv_write_4")]
    [InlineData("SELECT state\nFROM kv_write_once_4(\n $1)", "SELECT kv_write_once_4")]
    [InlineData("SELECT EXISTS (SELECT FROM cache_faults WHERE replica <> $1)", "SELECT cache_faults")]
    [InlineData("SELECT pg_advisory_xact_lock(27510, $1)", "SELECT pg_advisory_xact_lock")]
    [InlineData("INSERT INTO revocations (kind) VALUES ($1)", "INSERT revocations")]
    [InlineData("INSERT INTO \"Users\" (id) VALUES ($1)", "INSERT Users")]
    [InlineData("UPDATE users SET name = $1", "UPDATE users")]
    [InlineData("DELETE FROM idempotency WHERE ctid = ANY(ARRAY(SELECT ctid FROM idempotency))", "DELETE idempotency")]
    [InlineData("WITH ended AS (DELETE FROM sessions RETURNING id) INSERT INTO revocations SELECT 1", "DELETE sessions")]
    [InlineData("SELECT extract(epoch FROM r.before) FROM (SELECT 1) s LEFT JOIN (SELECT * FROM revocations) r ON true", "SELECT revocations")]
    [InlineData("SELECT entry.value FROM (SELECT) always LEFT JOIN entries entry ON entry.key = $1 LEFT JOIN owners ON true", "SELECT entries")]
    [InlineData("SELECT * FROM erasures WHERE due_at <= @p0 FOR UPDATE SKIP LOCKED", "SELECT erasures")]
    [InlineData("-- a comment\nSELECT u.id\nFROM users AS u", "SELECT users")]
    [InlineData("SELECT 1", "SELECT")]
    [InlineData("", "postgresql")]
    public void A_statements_span_is_named_by_its_operation_and_its_first_table_or_function(string statement, string name) =>
        Assert.Equal(name, StatementSpans.TextOf(statement));
}

-- Turns expired entries of an owner into tombstones and updates the usage. The caller holds the lock of the owner.
CREATE FUNCTION kv_expire_locked_1(p_owner text, p_now timestamptz, p_limit int) RETURNS bigint
LANGUAGE sql
AS $function$
    WITH expired AS MATERIALIZED (
        SELECT key, size, nextval('entry_revisions') AS revision
        FROM (
            SELECT key, size FROM entries
            WHERE owner = p_owner AND expires_at <= p_now AND expires_at IS NOT NULL AND deleted_at IS NULL
            ORDER BY expires_at LIMIT p_limit) due),
    buried AS (
        UPDATE entries SET value = NULL, metadata = NULL, size = 0, revision = expired.revision, updated_at = p_now,
            expires_at = NULL, deleted_at = p_now
        FROM expired WHERE entries.owner = p_owner AND entries.key = expired.key),
    logged AS (
        INSERT INTO changes (owner, revision, key, kind, at) SELECT p_owner, revision, key, 2, p_now FROM expired),
    counted AS (
        UPDATE owners SET keys = owners.keys - gone.keys, bytes = owners.bytes - gone.bytes, last_revision = gone.revision
        FROM (SELECT count(*) AS keys, sum(size) AS bytes, max(revision) AS revision FROM expired HAVING count(*) > 0) gone
        WHERE owner = p_owner)
    SELECT count(*) FROM expired
$function$

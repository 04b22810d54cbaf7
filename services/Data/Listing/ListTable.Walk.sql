-- Probes the index once for each row of the answer: finds the next key, and where it lies in a folder, jumps past the folder.
-- A folder is a stem and the delimiter ($10). The first text past a folder is its stem and the text that follows the
-- delimiter ($11).
WITH RECURSIVE step AS (
    SELECT 0 AS number, 0 AS found, 0::bigint AS bytes, $2 COLLATE "C" AS next, NULL::text COLLATE "C" AS key,
        NULL::text COLLATE "C" AS stem, 0::bigint AS revision, NULL::text AS value, NULL::text AS metadata,
        NULL::timestamptz AS expires_at, false AS is_live
    UNION ALL
    SELECT step.number + 1, step.found + here.is_live::int,
        step.bytes + coalesce(octet_length(here.value), 0) + coalesce(octet_length(here.metadata), 0),
        coalesce(here.stem || $11, here.key || chr(1)), here.key, here.stem, here.revision, here.value, here.metadata,
        here.expires_at, here.is_live
    FROM step CROSS JOIN LATERAL (
        SELECT key, stem, revision, CASE WHEN $7 AND is_live AND stem IS NULL THEN value END AS value,
            CASE WHEN $8 AND is_live AND stem IS NULL THEN metadata END AS metadata, expires_at, is_live
        FROM (
            SELECT *, CASE WHEN is_live AND cut > 0 THEN left(key, $9 + cut - 1) END AS stem
            FROM (
                SELECT key, revision, value, metadata, expires_at,
                    deleted_at IS NULL AND (expires_at IS NULL OR expires_at > now()) AS is_live,
                    strpos(substr(key, $9 + 1), $10) AS cut
                FROM entries WHERE owner = $1 AND key >= step.next AND key < $3 ORDER BY key LIMIT 1) found) divided) here
    WHERE step.found < $4 AND step.number < $5 AND step.bytes < $6)
SELECT key, revision, value, metadata, expires_at, is_live, stem, next FROM step WHERE number > 0

-- One statement, and so one snapshot, for the changes and for the revisions that the log reaches to. Changes of other keys are
-- returned without their content, so that the reader can move past them. At least one row fits into $6 bytes.
SELECT log.last_revision, log.compacted_revision, change.revision, change.key, change.kind, change.value, change.metadata, change.expires_at,
    clock_timestamp() - change.at
FROM owners log LEFT JOIN LATERAL (
    SELECT *, sum(bytes) OVER (ORDER BY revision ROWS UNBOUNDED PRECEDING) - bytes AS before
    FROM (
        SELECT *, coalesce(octet_length(value), 0) + coalesce(octet_length(metadata), 0) AS bytes
        FROM (
            SELECT revision, CASE WHEN key >= $3 AND key < $4 THEN key END AS key, kind,
                CASE WHEN key >= $3 AND key < $4 THEN value END AS value,
                CASE WHEN key >= $3 AND key < $4 THEN metadata END AS metadata, expires_at, at
            FROM changes WHERE owner = $1 AND revision > $2 ORDER BY revision LIMIT $5) seen) measured
    ) change ON before < $6
WHERE log.owner = $1
ORDER BY change.revision

-- The second part runs only where the first part reads as many rows as it may ($5). It returns the key to continue with.
SELECT key, revision, value, metadata, expires_at, is_live FROM (
    (SELECT key, revision, value, metadata, expires_at, true AS is_live,
        sum(coalesce(octet_length(value), 0) + coalesce(octet_length(metadata), 0)) OVER (ORDER BY key ROWS UNBOUNDED PRECEDING) AS bytes
    FROM (
        SELECT key, revision, CASE WHEN $7 THEN value END AS value, CASE WHEN $8 THEN metadata END AS metadata, expires_at,
            deleted_at IS NULL AND (expires_at IS NULL OR expires_at > now()) AS is_live
        FROM entries WHERE owner = $1 AND key >= $2 AND key < $3 ORDER BY key LIMIT $5) seen
    WHERE is_live)
    UNION ALL
    (SELECT key, 0, NULL, NULL, NULL, false, 0 FROM entries WHERE owner = $1 AND key >= $2 AND key < $3 ORDER BY key OFFSET $5 LIMIT 1)) page
WHERE bytes < $6
LIMIT $4

-- The hash is the expression of the index changes_of_entry, which would be far larger with owner and key themselves.
SELECT revision, key, kind, value, metadata, expires_at, at, actor, trace_id
FROM (
    SELECT *, sum(coalesce(octet_length(value), 0) + coalesce(octet_length(metadata), 0))
        OVER (ORDER BY revision DESC ROWS UNBOUNDED PRECEDING) AS bytes
    FROM (
        SELECT revision, key, kind, value, metadata, expires_at, at, actor, trace_id FROM changes
        WHERE hashtextextended(key, hashtextextended(owner, 0)) = hashtextextended($2, hashtextextended($1, 0)) AND owner = $1 AND key = $2 AND revision < $3
        ORDER BY revision DESC LIMIT $4) seen) page
WHERE bytes < $5
ORDER BY revision DESC

SELECT key, value, metadata, revision, at, kind, expires_at, actor, trace_id FROM changes
WHERE owner = $1 AND revision > $2 ORDER BY revision LIMIT $3

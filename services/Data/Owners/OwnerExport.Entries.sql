SELECT key, value, metadata, revision, created_at, updated_at, expires_at FROM entries
WHERE owner = $1 AND key > $2 AND deleted_at IS NULL AND (expires_at IS NULL OR expires_at > now())
ORDER BY key LIMIT $3

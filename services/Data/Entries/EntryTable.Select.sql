-- One statement, and so one snapshot, for the entry and for the last revision of its owner.
SELECT entry.revision, entry.value, entry.metadata, entry.expires_at, coalesce(usage.last_revision, 0)
FROM (SELECT) always
LEFT JOIN entries entry ON entry.owner = $1 AND entry.key = $2
LEFT JOIN owners usage ON usage.owner = $1

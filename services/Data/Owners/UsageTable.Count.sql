SELECT count(*) FILTER (WHERE deleted_at IS NULL), coalesce(sum(size), 0)::bigint, count(*)
FROM (SELECT size, deleted_at FROM entries WHERE owner = $1 AND key >= $2 AND key < $3 ORDER BY key LIMIT $4) counted

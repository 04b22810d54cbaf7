-- One row more than is counted tells whether these are all.
SELECT count(*) FILTER (WHERE place <= $4 AND deleted_at IS NULL), coalesce(sum(size) FILTER (WHERE place <= $4), 0)::bigint, count(*) <= $4
FROM (
    SELECT size, deleted_at, row_number() OVER (ORDER BY key) AS place
    FROM entries WHERE owner = $1 AND key >= $2 AND key < $3 ORDER BY key LIMIT $4 + 1) counted

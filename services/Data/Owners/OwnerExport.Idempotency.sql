-- A request has a row for each of its parts, and all of one request come together.
SELECT key, part, encode(fingerprint, 'hex'), outcomes, revisions, results, created_at FROM idempotency
WHERE owner = $1 AND key > $2 ORDER BY key FETCH FIRST $3 ROWS WITH TIES

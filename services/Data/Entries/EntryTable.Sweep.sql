-- Sweepers of several replicas skip each other's rows. A row that was re-created meanwhile is checked again once it is
-- locked, and stays.
DELETE FROM entries WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM entries WHERE deleted_at < now() - $1
    ORDER BY deleted_at LIMIT $2 FOR UPDATE SKIP LOCKED))

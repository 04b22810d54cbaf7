-- One pass over the owners. A quota of 0 allows nothing, so that nobody uses a part of it.
SELECT count(*) FILTER (WHERE used < 0.5), count(*) FILTER (WHERE used >= 0.5 AND used < 0.8),
    count(*) FILTER (WHERE used >= 0.8 AND used < 0.95), count(*) FILTER (WHERE used >= 0.95)
FROM (
    SELECT greatest(coalesce(keys / nullif($1, 0)::double precision, 0), coalesce(bytes / nullif($2, 0)::double precision, 0)) AS used
    FROM owners WHERE keys > 0) owner

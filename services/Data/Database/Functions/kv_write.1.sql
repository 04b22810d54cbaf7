-- The function that the migration Writes made. Replicas from before the migration LeanWrites call it.
CREATE FUNCTION kv_write_1(
    p_owner text[], p_key text[], p_kind smallint[], p_value text[], p_metadata text[], p_expires timestamptz[],
    p_match text[], p_none_match text[], p_actor text[], p_trace text[], p_round int[], p_rounds int,
    p_max_keys bigint, p_max_bytes bigint, p_stripes int[], p_owners text[], p_new_keys bigint[], p_new_bytes bigint[],
    OUT outcomes smallint[], OUT revisions bigint[], OUT results text[])
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $function$
DECLARE
    v_now timestamptz;
    v_near text[];
    v_round int[] := p_round;
    v_rounds int := p_rounds;
    v_at int[]; v_outcomes smallint[]; v_revisions bigint[]; v_results text[];
BEGIN
    -- 1.
    PERFORM pg_advisory_xact_lock(27510, stripe) FROM unnest(p_stripes) AS stripe;
    v_now := clock_timestamp();

    -- 2.
    SELECT array_agg(asked.owner) INTO v_near
    FROM unnest(p_owners, p_new_keys, p_new_bytes) AS asked (owner, keys, bytes) LEFT JOIN owners USING (owner)
    WHERE coalesce(owners.keys, 0) + asked.keys > p_max_keys OR coalesce(owners.bytes, 0) + asked.bytes > p_max_bytes;
    IF v_near IS NOT NULL THEN
        PERFORM kv_expire_locked_1(near, v_now, 1000) FROM unnest(v_near) AS near;
        SELECT array_agg(turn ORDER BY n), max(turn) INTO v_round, v_rounds
        FROM (
            SELECT n, CASE WHEN owner = ANY(v_near) THEN row_number() OVER (PARTITION BY owner ORDER BY n) ELSE round END::int AS turn
            FROM unnest(p_owner, p_round) WITH ORDINALITY AS operation (owner, round, n)) turns;
    END IF;

    -- 3.
    FOR turn IN 1..v_rounds LOOP
        WITH operation AS MATERIALIZED (
            SELECT *
            FROM unnest(p_owner, p_key, p_kind, p_value, p_metadata, p_expires, p_match, p_none_match, p_actor, p_trace, v_round)
                WITH ORDINALITY AS given (owner, key, kind, value, metadata, expires_at, match, none_match, actor, trace_id, round, n)
            WHERE round = turn),
        seen AS MATERIALIZED (
            SELECT operation.*, entry.revision AS old_revision,
                (entry.owner IS NOT NULL AND entry.deleted_at IS NULL) AS is_counted,
                (entry.value IS NOT NULL AND (entry.expires_at IS NULL OR entry.expires_at > v_now)) AS is_live,
                CASE WHEN kind = 5 THEN entry.value END AS old_value, entry.size AS old_size,
                CASE WHEN kind = 5 THEN entry.metadata END AS old_metadata, CASE WHEN kind = 5 THEN entry.expires_at END AS old_expires_at,
                coalesce(usage.keys, 0) AS keys, coalesce(usage.bytes, 0) AS bytes
            FROM operation
            LEFT JOIN entries entry ON entry.owner = operation.owner AND entry.key = operation.key
            LEFT JOIN owners usage ON usage.owner = operation.owner),
        made AS MATERIALIZED (
            SELECT owner, key, kind, match, none_match, actor, trace_id, n, old_revision, is_counted, is_live, old_size, keys, bytes,
                CASE WHEN kind <> 5 OR NOT is_live THEN value
                    WHEN old_value ~ '^-?[0-9]{1,100}$' THEN nullif((old_value::numeric + value::numeric)::text, '') END AS value,
                CASE WHEN kind = 5 AND is_live THEN old_metadata ELSE metadata END AS metadata,
                CASE WHEN kind = 5 AND is_live THEN old_expires_at ELSE expires_at END AS expires_at
            FROM seen),
        sized AS MATERIALIZED (
            SELECT *, CASE WHEN kind = 4 THEN 0 ELSE octet_length(key) + octet_length(value) + coalesce(octet_length(metadata), 0) END AS size
            FROM made),
        decided AS MATERIALIZED (
            SELECT *,
                CASE
                    WHEN kind = 2 AND is_live THEN 10
                    WHEN kind IN (3, 4) AND NOT is_live THEN 11
                    WHEN match IS NOT NULL AND NOT (is_live AND (match = '*' OR strpos(match, ',' || old_revision || ',') > 0)) THEN 12
                    WHEN none_match IS NOT NULL AND is_live AND (none_match = '*' OR strpos(none_match, ',' || old_revision || ',') > 0) THEN 12
                    WHEN kind = 0 THEN 4
                    WHEN kind = 4 THEN 3
                    WHEN value IS NULL OR (kind = 5 AND length(value) > 100) THEN 14
                    WHEN (NOT is_counted AND keys + 1 > p_max_keys)
                        OR (size > coalesce(old_size, 0) AND bytes + size - coalesce(old_size, 0) > p_max_bytes) THEN 13
                    WHEN is_live THEN 2
                    ELSE 1
                END::smallint AS outcome
            FROM sized),
        numbered AS MATERIALIZED (
            SELECT *, CASE WHEN outcome <= 3 THEN nextval('entry_revisions') END AS revision
            FROM (SELECT * FROM decided ORDER BY n) in_order),
        stored AS (
            INSERT INTO entries AS entry (owner, key, value, metadata, size, revision, created_at, updated_at, expires_at, deleted_at)
            SELECT owner, key, value, metadata, size, revision, v_now, v_now, expires_at, CASE WHEN outcome = 3 THEN v_now END
            FROM numbered WHERE revision IS NOT NULL
            ON CONFLICT (owner, key) DO UPDATE SET
                value = excluded.value, metadata = excluded.metadata, size = excluded.size, revision = excluded.revision,
                created_at = CASE WHEN entry.value IS NULL OR entry.expires_at <= v_now THEN v_now ELSE entry.created_at END,
                updated_at = v_now, expires_at = excluded.expires_at, deleted_at = excluded.deleted_at),
        logged AS (
            INSERT INTO changes (owner, revision, key, kind, value, metadata, expires_at, actor, trace_id, at)
            SELECT owner, revision, key, CASE WHEN outcome = 3 THEN 2 ELSE 1 END, value, metadata, expires_at, actor, trace_id, v_now
            FROM numbered WHERE revision IS NOT NULL),
        counted AS (
            INSERT INTO owners AS usage (owner, keys, bytes, last_revision)
            SELECT owner, sum(CASE WHEN outcome = 3 THEN 0 ELSE 1 END - is_counted::int), sum(size - coalesce(old_size, 0)), max(revision)
            FROM numbered WHERE revision IS NOT NULL GROUP BY owner
            ON CONFLICT (owner) DO UPDATE SET
                keys = usage.keys + excluded.keys, bytes = usage.bytes + excluded.bytes, last_revision = excluded.last_revision)
        SELECT array_agg(n::int ORDER BY n), array_agg(outcome ORDER BY n), array_agg(coalesce(revision, old_revision, 0) ORDER BY n),
            array_agg(CASE WHEN kind = 5 THEN value END ORDER BY n)
        INTO v_at, v_outcomes, v_revisions, v_results
        FROM numbered;

        IF v_rounds = 1 THEN
            outcomes := v_outcomes; revisions := v_revisions; results := v_results;
        ELSIF v_at IS NOT NULL THEN
            IF outcomes IS NULL THEN
                outcomes := array_fill(0::smallint, ARRAY[cardinality(p_owner)]);
                revisions := array_fill(0::bigint, ARRAY[cardinality(p_owner)]);
                results := array_fill(NULL::text, ARRAY[cardinality(p_owner)]);
            END IF;
            FOR i IN 1..cardinality(v_at) LOOP
                outcomes[v_at[i]] := v_outcomes[i]; revisions[v_at[i]] := v_revisions[i]; results[v_at[i]] := v_results[i];
            END LOOP;
        END IF;
    END LOOP;
END $function$

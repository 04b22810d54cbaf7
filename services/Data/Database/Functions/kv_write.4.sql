-- Applies the operations of many requests of many owners in one statement. Each operation has its own outcome
-- (WriteOutcome). All arrays but the last four have one element for each operation.
--
-- 1. Locks the owners until the commit, by stripes and in the order of these. So within an owner, revisions are drawn in
--    the order of the commits, decisions see the current rows, and counts are exact.
-- 2. Where an owner's quota might not allow all operations, that owner's operations run one after the other. Otherwise only
--    operations on the same key do. So there is nearly always one round.
-- 3. A round reads the rows, decides on each operation, and stores rows, log and usage, in one statement.
--
-- LATERAL and OFFSET 0 force look-ups by key, whatever the planner estimates. Each row is looked up once, and then updated
-- by its ctid. The row of an owner is read only where it may decide: while a long transaction is open, each write
-- leaves a dead version of that row, and every later look-up has to pass all of them.
CREATE FUNCTION kv_write_4(
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
    v_is_stored boolean;
BEGIN
    -- 1.
    PERFORM pg_advisory_xact_lock(27510, stripe) FROM unnest(p_stripes) AS stripe;
    v_now := clock_timestamp();

    -- 2.
    SELECT array_agg(asked.owner) INTO v_near
    FROM unnest(p_owners, p_new_keys, p_new_bytes) AS asked (owner, keys, bytes)
    LEFT JOIN LATERAL (SELECT owners.keys, owners.bytes FROM owners WHERE owners.owner = asked.owner OFFSET 0) known ON true
    WHERE coalesce(known.keys, 0) + asked.keys > p_max_keys OR coalesce(known.bytes, 0) + asked.bytes > p_max_bytes;
    IF v_near IS NOT NULL THEN
        PERFORM kv_expire_locked_1(near, v_now, 1000) FROM unnest(v_near) AS near;
        SELECT array_agg(turn ORDER BY n), max(turn) INTO v_round, v_rounds
        FROM (
            SELECT n, CASE WHEN owner = ANY(v_near) THEN row_number() OVER (PARTITION BY owner ORDER BY n) ELSE round END::int AS turn
            FROM unnest(p_owner, p_round) WITH ORDINALITY AS operation (owner, round, n)) turns;
    END IF;

    -- 3.
    FOR turn IN 1..v_rounds LOOP
        WITH numbered AS MATERIALIZED (
            SELECT *, CASE WHEN outcome <= 3 THEN nextval('entry_revisions') END AS revision
            FROM (
                SELECT n, owner, key, kind, value, metadata, expires_at, actor, trace_id, place, is_live, is_counted, old_size, old_revision, size,
                    CASE
                        WHEN kind = 2 AND is_live THEN 10
                        WHEN kind IN (3, 4) AND NOT is_live THEN 11
                        WHEN match IS NOT NULL AND NOT (is_live AND (match = '*' OR strpos(match, ',' || old_revision || ',') > 0)) THEN 12
                        WHEN none_match IS NOT NULL AND is_live AND (none_match = '*' OR strpos(none_match, ',' || old_revision || ',') > 0) THEN 12
                        WHEN kind = 0 THEN 4
                        WHEN kind = 4 THEN 3
                        WHEN value IS NULL OR (kind = 5 AND length(ltrim(value, '-')) > 100) THEN 14
                        WHEN (NOT is_counted AND keys + 1 > p_max_keys)
                            OR (size > old_size AND bytes + size - old_size > p_max_bytes) THEN 13
                        WHEN is_live THEN 2
                        ELSE 1
                    END::smallint AS outcome
                FROM (
                    SELECT *, CASE WHEN kind = 4 THEN 0 ELSE octet_length(key) + octet_length(value) + coalesce(octet_length(metadata), 0) END AS size
                    FROM (
                        SELECT operation.n, operation.owner, operation.key, operation.kind, operation.match, operation.none_match, operation.actor, operation.trace_id,
                            entry.place, entry.revision AS old_revision, entry.is_live IS TRUE AS is_live, entry.is_counted IS TRUE AS is_counted, coalesce(entry.size, 0) AS old_size,
                            coalesce(usage.keys, 0) AS keys, coalesce(usage.bytes, 0) AS bytes,
                            CASE WHEN kind <> 5 OR entry.is_live IS NOT TRUE THEN operation.value
                                WHEN entry.value ~ '^-?[0-9]{1,100}([.][0-9]{1,100})?([eE][+-]?[0-9]{1,3})?$'
                                THEN CASE WHEN entry.value::numeric % 1 = 0 THEN trunc(entry.value::numeric + operation.value::numeric)::text END END AS value,
                            CASE WHEN kind = 5 AND entry.is_live THEN entry.metadata ELSE operation.metadata END AS metadata,
                            CASE WHEN kind = 5 AND entry.is_live THEN entry.expires_at ELSE operation.expires_at END AS expires_at
                        FROM unnest(p_owner, p_key, p_kind, p_value, p_metadata, p_expires, p_match, p_none_match, p_actor, p_trace, v_round)
                            WITH ORDINALITY AS operation (owner, key, kind, value, metadata, expires_at, match, none_match, actor, trace_id, round, n)
                        LEFT JOIN LATERAL (
                            SELECT entries.ctid AS place, revision, size, value, metadata, expires_at,
                                deleted_at IS NULL AS is_counted,
                                value IS NOT NULL AND (entries.expires_at IS NULL OR entries.expires_at > v_now) AS is_live
                            FROM entries WHERE entries.owner = operation.owner AND entries.key = operation.key OFFSET 0) entry ON true
                        LEFT JOIN LATERAL (
                            SELECT owners.keys, owners.bytes FROM owners WHERE v_near IS NOT NULL AND owners.owner = operation.owner OFFSET 0) usage ON true
                        WHERE operation.round = turn
                        OFFSET 0) made
                    OFFSET 0) sized
                ORDER BY n
                OFFSET 0) decided),
        changed AS (
            UPDATE entries AS entry SET
                value = new.value, metadata = new.metadata, size = new.size, revision = new.revision,
                created_at = CASE WHEN new.is_live THEN entry.created_at ELSE v_now END,
                updated_at = v_now, expires_at = new.expires_at, deleted_at = CASE WHEN new.outcome = 3 THEN v_now END
            FROM numbered AS new WHERE entry.ctid = new.place AND new.revision IS NOT NULL
            RETURNING 1),
        added AS (
            INSERT INTO entries (owner, key, value, metadata, size, revision, created_at, updated_at, expires_at, deleted_at)
            SELECT owner, key, value, metadata, size, revision, v_now, v_now, expires_at, CASE WHEN outcome = 3 THEN v_now END
            FROM numbered WHERE revision IS NOT NULL AND place IS NULL),
        logged AS (
            INSERT INTO changes (owner, revision, key, kind, value, metadata, expires_at, actor, trace_id, at)
            SELECT owner, revision, key, CASE WHEN outcome = 3 THEN 2 ELSE 1 END, value, metadata, expires_at, actor, trace_id, v_now
            FROM numbered WHERE revision IS NOT NULL),
        counted AS (
            INSERT INTO owners AS usage (owner, keys, bytes, last_revision)
            SELECT owner, sum(CASE WHEN outcome = 3 THEN 0 ELSE 1 END - is_counted::int), sum(size - old_size), max(revision)
            FROM numbered WHERE revision IS NOT NULL GROUP BY owner
            ON CONFLICT (owner) DO UPDATE SET
                keys = usage.keys + excluded.keys, bytes = usage.bytes + excluded.bytes, last_revision = excluded.last_revision)
        SELECT array_agg(n::int), array_agg(outcome), array_agg(coalesce(revision, old_revision, 0)),
            array_agg(CASE WHEN kind = 5 THEN value END),
            count(*) FILTER (WHERE revision IS NOT NULL AND place IS NOT NULL) = (SELECT count(*) FROM changed)
        INTO v_at, v_outcomes, v_revisions, v_results, v_is_stored
        FROM (SELECT n, outcome, revision, old_revision, kind, value, place FROM numbered ORDER BY n) in_order;

        -- Tombstones are swept without the owner's lock.
        IF NOT v_is_stored THEN
            RAISE EXCEPTION SQLSTATE '40001' USING MESSAGE = 'A tombstone was swept meanwhile.';
        END IF;

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

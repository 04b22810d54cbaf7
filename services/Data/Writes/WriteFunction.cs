namespace KvAspire.Data.Writes;

/// <summary>
/// The functions of the database that every change goes through, as the migrations create them. A version that was
/// released is never edited: a change makes functions of a new name, since replicas are replaced one by one.
/// </summary>
internal static class WriteFunction
{
    /// <summary>
    /// Applies the operations of many requests of many owners in one statement, each with an outcome of its own
    /// (<see cref="WriteOutcome"/>). All arrays but the last four have an element for each operation.
    /// </summary>
    /// <remarks>
    /// 1. Locks the owners (by stripes, in their order) until the commit: within an owner, revisions are drawn in the order
    ///    of the commits, what is decided on is what is there, and counts are exact.
    /// 2. Where an owner's quota might not allow all of the operations, that owner's go one after the other; else only those
    ///    on the same key do. So there is nearly always one round.
    /// 3. A round reads the rows, decides on each operation, and stores rows, log and usage, in one statement.
    ///
    /// Rows are looked up by key whatever the planner believes (LATERAL, OFFSET 0), once, and then changed where they are found.
    /// An owner's is only looked up where it may decide: while somebody's transaction lasts, each write leaves a dead version
    /// of it that every later look has to pass.
    /// </remarks>
    public const string Write =
        """
        CREATE FUNCTION kv_write_3(
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
                                WHEN value IS NULL OR (kind = 5 AND length(value) > 100) THEN 14
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
                                        WHEN entry.value ~ '^-?[0-9]{1,100}$' THEN nullif((entry.value::numeric + operation.value::numeric)::text, '') END AS value,
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
        """;

    /// <summary>
    /// The same for one request that is all or nothing, or that is to be done once whatever how often it is sent. Answers
    /// how (<see cref="Idempotency.OnceState"/>), and of a transaction that failed the outcomes it would have had.
    /// </summary>
    public const string WriteOnce =
        """
        CREATE FUNCTION kv_write_once_3(
            p_owner text[], p_key text[], p_kind smallint[], p_value text[], p_metadata text[], p_expires timestamptz[],
            p_match text[], p_none_match text[], p_actor text[], p_trace text[], p_round int[], p_rounds int,
            p_max_keys bigint, p_max_bytes bigint, p_stripes int[], p_owners text[], p_new_keys bigint[], p_new_bytes bigint[],
            p_atomic boolean, p_once_owner text, p_once_key text, p_once_part int, p_fingerprint bytea,
            OUT state smallint, OUT outcomes smallint[], OUT revisions bigint[], OUT results text[])
        LANGUAGE plpgsql
        AS $function$
        DECLARE
            v_known idempotency;
        BEGIN
            state := 0;
            IF p_once_key IS NOT NULL THEN
                IF NOT pg_try_advisory_xact_lock(hashtextextended(p_once_owner || ' ' || p_once_key, 27511)) THEN
                    state := 2;
                    RETURN;
                END IF;

                SELECT * INTO v_known FROM idempotency
                WHERE owner = p_once_owner AND key = p_once_key AND part = p_once_part AND created_at > now() - interval '24 hours';
                IF FOUND THEN
                    state := CASE WHEN v_known.fingerprint = p_fingerprint THEN 1 ELSE 3 END;
                    outcomes := v_known.outcomes; revisions := v_known.revisions; results := v_known.results;
                    RETURN;
                END IF;
            END IF;

            BEGIN
                SELECT written.outcomes, written.revisions, written.results INTO outcomes, revisions, results
                FROM kv_write_3(p_owner, p_key, p_kind, p_value, p_metadata, p_expires, p_match, p_none_match, p_actor, p_trace, p_round, p_rounds,
                    p_max_keys, p_max_bytes, p_stripes, p_owners, p_new_keys, p_new_bytes) AS written;
                IF p_atomic AND 10 <= ANY(outcomes) THEN
                    RAISE EXCEPTION SQLSTATE 'KV001';
                END IF;
            EXCEPTION WHEN SQLSTATE 'KV001' THEN
                NULL; -- undone; what the variables hold is kept
            END;

            IF p_once_key IS NOT NULL THEN
                INSERT INTO idempotency AS known (owner, key, part, fingerprint, outcomes, revisions, results, created_at)
                VALUES (p_once_owner, p_once_key, p_once_part, p_fingerprint, outcomes, revisions, results, now())
                ON CONFLICT (owner, key, part) DO UPDATE SET
                    fingerprint = excluded.fingerprint, outcomes = excluded.outcomes, revisions = excluded.revisions,
                    results = excluded.results, created_at = excluded.created_at;
            END IF;
        END $function$
        """;

    /// <summary>Turns expired entries of an owner, whom the caller has locked, into tombstones, and counts them off.</summary>
    public const string ExpireLocked =
        """
        CREATE FUNCTION kv_expire_locked_1(p_owner text, p_now timestamptz, p_limit int) RETURNS bigint
        LANGUAGE sql
        AS $function$
            WITH expired AS MATERIALIZED (
                SELECT key, size, nextval('entry_revisions') AS revision
                FROM (
                    SELECT key, size FROM entries
                    WHERE owner = p_owner AND expires_at <= p_now AND expires_at IS NOT NULL AND deleted_at IS NULL
                    ORDER BY expires_at LIMIT p_limit) due),
            buried AS (
                UPDATE entries SET value = NULL, metadata = NULL, size = 0, revision = expired.revision, updated_at = p_now,
                    expires_at = NULL, deleted_at = p_now
                FROM expired WHERE entries.owner = p_owner AND entries.key = expired.key),
            logged AS (
                INSERT INTO changes (owner, revision, key, kind, at) SELECT p_owner, revision, key, 2, p_now FROM expired),
            counted AS (
                UPDATE owners SET keys = owners.keys - gone.keys, bytes = owners.bytes - gone.bytes, last_revision = gone.revision
                FROM (SELECT count(*) AS keys, sum(size) AS bytes, max(revision) AS revision FROM expired HAVING count(*) > 0) gone
                WHERE owner = p_owner)
            SELECT count(*) FROM expired
        $function$
        """;
}

-- Applies one request that is atomic, or idempotent by its Idempotency-Key. Answers the state (IdempotencyState). For a transaction
-- that failed, the outcomes are those that it would have had. A record of the release before has that release's fingerprint.
CREATE FUNCTION kv_write_once_4(
    p_owner text[], p_key text[], p_kind smallint[], p_value text[], p_metadata text[], p_expires timestamptz[],
    p_match text[], p_none_match text[], p_actor text[], p_trace text[], p_round int[], p_rounds int,
    p_max_keys bigint, p_max_bytes bigint, p_stripes int[], p_owners text[], p_new_keys bigint[], p_new_bytes bigint[],
    p_atomic boolean, p_once_owner text, p_once_key text, p_once_part int, p_fingerprint bytea, p_fingerprint_before bytea,
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
            state := CASE WHEN v_known.fingerprint IN (p_fingerprint, p_fingerprint_before) THEN 1 ELSE 3 END;
            outcomes := v_known.outcomes; revisions := v_known.revisions; results := v_known.results;
            RETURN;
        END IF;
    END IF;

    BEGIN
        SELECT written.outcomes, written.revisions, written.results INTO outcomes, revisions, results
        FROM kv_write_4(p_owner, p_key, p_kind, p_value, p_metadata, p_expires, p_match, p_none_match, p_actor, p_trace, p_round, p_rounds,
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

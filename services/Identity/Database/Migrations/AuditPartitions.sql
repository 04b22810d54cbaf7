-- Makes the audit log a table with a partition for each month, so that retention drops partitions. The table that was there becomes
-- the first partition. The migration has prepared it: it has the new columns and indexes, and a valid constraint on its times. So
-- nothing is scanned or built here while writers wait.
DO $do$
DECLARE
    v_upper timestamptz := (SELECT substring(pg_get_constraintdef(oid) FROM '''([^'']+)''') FROM pg_constraint
        WHERE conname = 'ck_audit_events_at' AND conrelid = 'audit_events'::regclass);
    v_next bigint;
BEGIN
    -- 1. Writers wait from here on. Those of the release before then find the new table under the old name. A reader that takes
    -- long, such as pg_dump, makes them wait for a second at most: between two tries they write.
    SET LOCAL lock_timeout = '1s';
    FOR v_try IN 1..60 LOOP
        BEGIN
            LOCK TABLE audit_events IN ACCESS EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            IF v_try = 60 THEN
                RAISE;
            END IF;
        END;
        PERFORM pg_sleep(0.5);
    END LOOP;
    v_next := nextval(pg_get_serial_sequence('audit_events', 'id'));
    DROP TRIGGER audit_events_append_only ON audit_events;
    ALTER TABLE audit_events DROP CONSTRAINT pk_audit_events;
    ALTER TABLE audit_events ALTER id DROP IDENTITY;
    ALTER TABLE audit_events RENAME TO audit_events_first;
    ALTER INDEX ix_audit_events_actor RENAME TO audit_events_first_actor;
    ALTER INDEX ix_audit_events_at RENAME TO audit_events_first_at;
    ALTER INDEX ix_audit_events_kind RENAME TO audit_events_first_kind;
    ALTER INDEX ix_audit_events_subject RENAME TO audit_events_first_subject;
    ALTER TABLE audit_events_first ADD CONSTRAINT audit_events_first_pkey PRIMARY KEY USING INDEX audit_events_first_pkey;

    -- 2. The same columns, indexes and constraint. A key of a partitioned table contains what divides it.
    CREATE TABLE audit_events (LIKE audit_events_first INCLUDING DEFAULTS) PARTITION BY RANGE (at);
    ALTER TABLE audit_events
        ALTER id ADD GENERATED ALWAYS AS IDENTITY,
        ADD CONSTRAINT pk_audit_events PRIMARY KEY (id, at),
        ADD CONSTRAINT ck_audit_events_details CHECK (octet_length(details::text) <= 2048);
    PERFORM setval(pg_get_serial_sequence('audit_events', 'id'), v_next, false);
    CREATE INDEX ix_audit_events_actor ON audit_events (actor, id);
    CREATE INDEX ix_audit_events_at ON audit_events (at);
    CREATE INDEX ix_audit_events_kind ON audit_events (kind, id);
    CREATE INDEX ix_audit_events_subject ON audit_events (subject, id);
    CREATE INDEX ix_audit_events_repeated ON audit_events (coalesce(client_address, '0.0.0.0'), kind, at) WHERE actor IS NULL;
    EXECUTE format('ALTER TABLE audit_events ATTACH PARTITION audit_events_first FOR VALUES FROM (MINVALUE) TO (%L)', v_upper);
    ALTER TABLE audit_events_first DROP CONSTRAINT ck_audit_events_at;

    -- 3. The triggers. That of rows is inherited by all partitions, that of TRUNCATE by none.
    CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE ON audit_events
        FOR EACH ROW EXECUTE FUNCTION audit_events_append_only();
    CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events
        FOR EACH STATEMENT EXECUTE FUNCTION audit_events_append_only();
    ALTER TABLE audit_events ENABLE ALWAYS TRIGGER audit_events_append_only;
    ALTER TABLE audit_events ENABLE ALWAYS TRIGGER audit_events_no_truncate;
END $do$;

-- An event never changes, except that its client address is erased, and that a repetition is counted.
CREATE OR REPLACE FUNCTION audit_events_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (
        (NEW.client_address IS NULL AND to_jsonb(NEW) - 'client_address' = to_jsonb(OLD) - 'client_address')
        OR (NEW.count = OLD.count + 1 AND NEW.last_at >= OLD.last_at
            AND to_jsonb(NEW) - '{count,last_at}'::text[] = to_jsonb(OLD) - '{count,last_at}'::text[])) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit_events is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;

-- Records an event that a stranger may repeat at will: one row for each kind, outcome, subject and address in a window, which begins
-- with its first event. The lock is the last one that callers take, and they hold it until their commit. No index has the two
-- columns that a repetition changes, so that thousands of repetitions leave no dead entries in indexes (HOT).
CREATE FUNCTION audit_count(
    p_at timestamptz, p_window interval, p_kind text, p_outcome text, p_subject text, p_address inet, p_trace_id text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(27512, hashtext(concat_ws(' ', p_kind, p_outcome, p_address, p_subject)));
    UPDATE audit_events SET count = count + 1, last_at = greatest(last_at, p_at)
    WHERE (id, at) = (
        SELECT id, at FROM audit_events
        WHERE coalesce(client_address, '0.0.0.0') = coalesce(p_address, '0.0.0.0') AND kind = p_kind AND at > p_at - p_window
            AND actor IS NULL AND last_at IS NOT NULL AND outcome = p_outcome AND subject IS NOT DISTINCT FROM p_subject
        ORDER BY at DESC LIMIT 1);
    IF NOT FOUND THEN
        INSERT INTO audit_events (at, last_at, kind, outcome, subject, client_address, trace_id)
        VALUES (p_at, p_at, p_kind, p_outcome, p_subject, p_address, p_trace_id);
    END IF;
END $$;

-- Where a partition ends.
CREATE FUNCTION audit_partition_ends() RETURNS TABLE (partition regclass, ends timestamptz)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT oid::regclass, substring(pg_get_expr(relpartbound, oid) FROM 'TO \(''([^'']+)''\)')::timestamptz
    FROM pg_class JOIN pg_inherits ON inhrelid = pg_class.oid WHERE inhparent = 'audit_events'::regclass;
$$;

-- Adds the partitions of the month of a moment and of the six after it, for at most a year from now. Writers wait behind a
-- lock that it waits for, so it gives up after a second. The service calls it again an hour later.
CREATE FUNCTION audit_add_partitions(p_moment timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '1s' AS $$
DECLARE
    v_last timestamptz := date_trunc('month', least(p_moment, now() + interval '1 year')) + interval '7 months';
    v_from timestamptz;
    v_name text;
BEGIN
    IF (SELECT max(ends) FROM audit_partition_ends()) >= v_last THEN
        RETURN;
    END IF;

    PERFORM pg_advisory_xact_lock(1802895369); -- AdvisoryLocks.AuditPartitions
    SELECT max(ends) INTO v_from FROM audit_partition_ends();
    WHILE v_from < v_last LOOP
        v_name := 'audit_events_' || to_char(v_from, 'YYYY_MM');
        EXECUTE format('CREATE TABLE %I PARTITION OF audit_events FOR VALUES FROM (%L) TO (%L)',
            v_name, v_from, date_trunc('month', v_from) + interval '1 month');
        EXECUTE format('CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION audit_events_append_only()', v_name);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER audit_events_no_truncate', v_name);
        v_from := date_trunc('month', v_from) + interval '1 month';
    END LOOP;
END $$;

-- Drops the partitions that end before a moment, which must be at least 30 days ago: the service cannot remove a fresh trace. It
-- waits for locks as long as the function above.
CREATE FUNCTION audit_drop_before(p_moment timestamptz) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '1s' AS $$
DECLARE
    v_partition regclass;
    v_dropped int := 0;
BEGIN
    IF p_moment > now() - interval '30 days' THEN
        RAISE EXCEPTION 'audit_events are kept for at least 30 days' USING ERRCODE = 'insufficient_privilege';
    END IF;

    PERFORM pg_advisory_xact_lock(1802895369); -- AdvisoryLocks.AuditPartitions
    FOR v_partition IN SELECT partition FROM audit_partition_ends() WHERE ends <= p_moment LOOP
        EXECUTE format('DROP TABLE %s', v_partition);
        v_dropped := v_dropped + 1;
    END LOOP;
    RETURN v_dropped;
END $$;

SELECT audit_add_partitions(now());

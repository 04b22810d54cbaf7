-- Makes the two roles of the current database: one owns the schema, and grants the other its rights. Run this file as a superuser, as
-- often as you like. The AppHost runs it at every start; docs/how-to/make-the-database-roles.md says how to run it yourself.
--
-- Settings: kvaspire.roles is how the roles' names begin, kvaspire.migrator_password and kvaspire.service_password are their
-- passwords. A password that is not set stays as it is.
DO $$
DECLARE
    prefix text := current_setting('kvaspire.roles');
    migrator text := prefix || '_migrator';
    service text := prefix || '_service';
    item text;
    secret text;
BEGIN
    -- 1. The roles may sign in, and nothing else.
    FOREACH item IN ARRAY ARRAY[migrator, service] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = item) THEN
            EXECUTE format('CREATE ROLE %I', item);
        END IF;
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = item
            AND (NOT rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)) THEN
            EXECUTE format('ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS', item);
        END IF;
        secret := current_setting('kvaspire.' || substr(item, length(prefix) + 2) || '_password', true);
        IF secret <> '' THEN
            EXECUTE format('ALTER ROLE %I PASSWORD %L', item, secret);
        END IF;
    END LOOP;

    -- 2. By default every role may connect to every database, and make temporary tables there.
    FOR item IN SELECT datname FROM pg_database WHERE datname IN (current_database(), 'postgres', 'template1') LOOP
        EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', item);
    END LOOP;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I, %I', current_database(), migrator, service);

    -- 3. The migrator owns the schema. No other role creates objects there, or uses what it was not granted.
    EXECUTE format('ALTER SCHEMA public OWNER TO %I', migrator);
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', service);
    EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC', migrator);

    -- 4. The migrator becomes the owner of what another role made, such as a superuser before there were roles, or a restored
    --    dump. The sequence of a column follows its table.
    FOR item IN
        SELECT format('ALTER %s %s OWNER TO %I',
            CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END,
            oid::regclass, migrator)
        FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S') AND relowner <> migrator::regrole
            AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid
                AND (deptype = 'e' OR (relkind = 'S' AND deptype IN ('a', 'i'))))
        UNION ALL
        SELECT format('ALTER ROUTINE %s OWNER TO %I', oid::regprocedure, migrator)
        FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p') AND proowner <> migrator::regrole
            AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')
    LOOP
        EXECUTE item;
    END LOOP;
END $$;

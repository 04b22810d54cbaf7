-- The rights of the service's role in identitydb. It has no others. A test fails for a table or function that is not named here.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, identitydb_service;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, identitydb_service;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC, identitydb_service;

GRANT SELECT, INSERT, UPDATE, DELETE ON
    users, sessions, refresh_tokens, api_keys, failed_sign_ins, erasures, signing_keys TO identitydb_service;
GRANT SELECT, INSERT, DELETE ON revocations TO identitydb_service;
GRANT SELECT, INSERT, UPDATE ON sealed_secrets TO identitydb_service;

-- The row of a deleted client stays as a tombstone.
GRANT SELECT, INSERT, UPDATE ON clients TO identitydb_service;

-- The audit log is append-only for the service too. Functions of the migrator count repetitions, erase client addresses, and add
-- and drop partitions.
GRANT SELECT, INSERT ON audit_events TO identitydb_service;
GRANT EXECUTE ON FUNCTION
    audit_count, audit_erase_addresses_before, audit_erase_addresses_of, audit_add_partitions, audit_drop_before TO identitydb_service;

-- Only triggers, those functions and migrations use these.
REVOKE ALL ON FUNCTION audit_events_append_only, audit_partition_ends FROM identitydb_service;
REVOKE ALL ON "__EFMigrationsHistory" FROM identitydb_service;

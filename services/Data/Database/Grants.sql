-- The rights of the service's role in datadb. It has no others. A test fails for a table or function that is not named here.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, datadb_service;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, datadb_service;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC, datadb_service;

GRANT SELECT, INSERT, UPDATE, DELETE ON entries, owners, idempotency, erased_owners, cache_faults TO datadb_service;
GRANT SELECT, INSERT, DELETE ON changes TO datadb_service; -- a change is history: it is compacted, never edited
GRANT USAGE ON SEQUENCE entry_revisions TO datadb_service;

-- Of every release whose replicas may still run.
GRANT EXECUTE ON FUNCTION
    kv_expire_locked_1, kv_write_1, kv_write_once_1, kv_write_2, kv_write_once_2, kv_write_3, kv_write_once_3,
    kv_write_4, kv_write_once_4 TO datadb_service;

-- Only triggers and migrations use these.
REVOKE ALL ON FUNCTION kv_refuse_erased_1 FROM datadb_service;
REVOKE ALL ON "__EFMigrationsHistory" FROM datadb_service;

-- Refuses to store anything for an erased owner. The triggers fire for new rows only. An erased owner has no row in owners, so
-- a write that stores an entry inserts one. Writes of other owners update their row, and so cost nothing. An idempotency key
-- is kept even for a request that stored nothing, hence the second trigger.
CREATE FUNCTION kv_refuse_erased_1() RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (SELECT FROM erased_owners WHERE owner_hash = sha256(convert_to(NEW.owner, 'UTF8'))) THEN
        RAISE EXCEPTION SQLSTATE 'KV002' USING MESSAGE = 'The owner is erased.';
    END IF;
    RETURN NULL;
END $function$;
CREATE TRIGGER owners_not_erased AFTER INSERT ON owners FOR EACH ROW EXECUTE FUNCTION kv_refuse_erased_1();
CREATE TRIGGER idempotency_not_erased AFTER INSERT ON idempotency FOR EACH ROW EXECUTE FUNCTION kv_refuse_erased_1();

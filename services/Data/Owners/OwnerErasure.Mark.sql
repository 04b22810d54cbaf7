WITH marked AS (
    INSERT INTO erased_owners (owner_hash, erased_at) VALUES (sha256(convert_to($1, 'UTF8')), now())
    ON CONFLICT (owner_hash) DO UPDATE SET erased_at = excluded.erased_at)
DELETE FROM owners WHERE owner = $1

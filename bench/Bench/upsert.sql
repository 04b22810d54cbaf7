\set key random(1, 10000)
INSERT INTO bench (owner, key, value) VALUES ('bench', 'k' || :key, lpad((:key)::text, 100, '0'))
ON CONFLICT (owner, key) DO UPDATE SET value = excluded.value;

-- Removes changes in the order of their revisions, and stops at the first one to keep. A change is removed for its age only
-- if all changes before it are: clocks of replicas may disagree. The scan starts behind the compacted revision, because rows
-- that were removed are scanned again until a vacuum. It removes rows by ctid, else the planner may read the whole log.
WITH oldest AS MATERIALIZED (
    SELECT ctid, revision, at FROM changes
    WHERE owner = $1 AND revision > (SELECT compacted_revision FROM owners WHERE owner = $1)
    ORDER BY revision LIMIT $4),
horizon AS (
    SELECT max(revision) AS revision FROM oldest
    WHERE revision < coalesce((SELECT min(revision) FROM oldest WHERE at >= now() - $3 AND revision > $2), 9223372036854775807)),
gone AS (
    DELETE FROM changes
    WHERE ctid = ANY(ARRAY(SELECT oldest.ctid FROM oldest, horizon WHERE oldest.revision <= horizon.revision)) RETURNING 1)
UPDATE owners SET compacted_revision = greatest(compacted_revision, horizon.revision), compacted_at = now()
FROM horizon WHERE owner = $1 AND horizon.revision IS NOT NULL
RETURNING (SELECT count(*) FROM gone)

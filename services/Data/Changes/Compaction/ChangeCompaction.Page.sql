-- For each owner: the newest change beyond the allowed number ($3), and the seconds until the oldest
-- change is too old ($2). Revisions
-- come from one sequence for all owners. So an owner whose revisions span no more than $3 cannot have too many changes.
SELECT log.owner, excess.revision, extract(epoch FROM oldest.at + $2 - now())::double precision
FROM owners log
LEFT JOIN LATERAL (SELECT at FROM changes WHERE owner = log.owner AND revision > log.compacted_revision ORDER BY revision LIMIT 1) oldest ON true
LEFT JOIN LATERAL (
    SELECT revision FROM changes
    WHERE owner = log.owner AND revision > log.compacted_revision AND log.last_revision - log.compacted_revision > $3
    ORDER BY revision DESC OFFSET $3 LIMIT 1) excess ON true
WHERE log.owner > $1 ORDER BY log.owner LIMIT $4

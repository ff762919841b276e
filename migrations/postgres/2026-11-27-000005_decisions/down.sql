UPDATE matches SET risk = risk - 2
 WHERE state = 'acted'
   AND (SELECT i.thumbs FROM interactions i WHERE i.id = matches.interaction_id) = 'down';
UPDATE matches SET risk = risk - 1
 WHERE remediation_kind = 'answer' AND state IN ('acted', 'shadow') AND json_array_length(explanation::json -> 'vetoes') > 0;
DROP INDEX matches_text;
ALTER TABLE matches DROP COLUMN scored_by;
ALTER TABLE matches DROP COLUMN text_digest;
ALTER TABLE phrasings DROP COLUMN gave_way;

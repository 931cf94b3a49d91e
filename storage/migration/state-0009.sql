-- Who deleted it, where a person did (rule 'hand'), as in audit.
ALTER TABLE deletions ADD COLUMN who TEXT NOT NULL DEFAULT '';

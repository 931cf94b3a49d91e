-- What somebody took away past v720dvr, to be found again when it comes back.
CREATE INDEX deletions_outside ON deletions (camera, start) WHERE rule = 'outside';

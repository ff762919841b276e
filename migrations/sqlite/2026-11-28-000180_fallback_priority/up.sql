-- Which of several fallbacks is used. None: the evaluation's priority says.
ALTER TABLE evaluations ADD COLUMN fallback_priority INTEGER;

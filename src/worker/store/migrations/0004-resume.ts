/** Schema 4: what an interrupted run goes on from. Never edited once released. */
export const resumeMigration = `
-- The solver's numbers and the files of its volumes at the newest kept iterate, as JSON; null once the run is done.
ALTER TABLE runs ADD COLUMN resume_json TEXT;
-- What was chosen beside the configuration, as JSON.
ALTER TABLE experiments ADD COLUMN settings_json TEXT NOT NULL DEFAULT '{}';
`;

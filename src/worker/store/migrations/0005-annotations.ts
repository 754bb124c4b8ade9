/** Schema 5: what people write on their runs: a star, tags and a note, as JSON. Never edited once released. */
export const annotationsMigration = `
ALTER TABLE runs ADD COLUMN annotation_json TEXT;
`;

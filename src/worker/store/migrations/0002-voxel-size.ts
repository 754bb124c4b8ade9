/** Schema 2: the voxel size a run worked with, so that its kept iterates can be looked at and saved when its data is gone. Never edited once released. */
export const voxelSizeMigration = `
ALTER TABLE runs ADD COLUMN voxel_size_mm REAL;
`;

/** What needs Node: files and folders on disk. */

export { nodeGpu } from '../gpu/find-gpu.ts';
export { type CalibrationFilesOptions, openCalibrationFiles } from './calibration-files.ts';
export { type FileSource, openFileSource } from './file-source.ts';
export { type FileStore, openFileStore } from './file-store.ts';
export { type ReadPathsOptions, readPaths, STDIN_NAME } from './files.ts';
export { type NamedKey, readKeys } from './key-files.ts';
export { type LineFilesOptions, openLineFiles } from './line-files.ts';

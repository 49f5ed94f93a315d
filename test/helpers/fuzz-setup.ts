import fc from 'fast-check';
import { fuzzRuns, fuzzSeed } from './fuzz.ts';

const seed = fuzzSeed();
fc.configureGlobal({ numRuns: fuzzRuns(100), ...(seed === undefined ? {} : { seed }) });

/** Reads proofs that come one a line, each as soon as its line is there. */

import type { Backend } from '../backend/backend.ts';
import type { ReadBatchOptions } from '../coprocessors/batch.ts';
import { looksLikeMember } from '../coprocessors/documents.ts';
import { describe, isJsonObject, type JsonObject, ownField, parseJson } from '../coprocessors/json.ts';
import { KeyReader, keyInFile } from '../coprocessors/key-choice.ts';
import { atPlace, type Place } from '../coprocessors/name-error.ts';
import { coprocessorNamed, detectCoprocessor } from '../coprocessors/registry.ts';
import type { Curve } from '../curve/curve.ts';
import { ProofFormatError } from '../errors.ts';
import { GatheredChecks, type PointChecks } from '../groth16/point-checks.ts';
import type { BatchMember } from '../groth16/proof.ts';
import { STDIN_NAME } from '../node/files.ts';

/** Turns lines into members; remembers the keys that earlier lines brought. */
export class MemberLines {
  readonly #options: ReadBatchOptions;
  readonly #backendFor: (curve: Curve) => Backend | Promise<Backend>;
  readonly #reader = new KeyReader();
  #keys: JsonObject = {};
  #index = 0;

  /** @param backendFor gives the backend that checks the points of a curve */
  constructor(options: ReadBatchOptions, backendFor: (curve: Curve) => Backend | Promise<Backend>) {
    this.#options = options;
    this.#backendFor = backendFor;
  }

  /** The member of a line, its points checked, or undefined for one that only brings keys. Throws as readBatch does. */
  async read(line: string, number: number): Promise<BatchMember | undefined> {
    const place = { file: STDIN_NAME, index: this.#index, line: number };
    const gathered = new GatheredChecks();
    const named = <T>(action: () => T): T => atPlace(place, action);
    const read = (): BatchMember | undefined => this.#member(line, place, gathered);
    return gathered.settled(() => gathered.within(named, read), this.#backendFor);
  }

  #member(line: string, place: Place, checks: PointChecks): BatchMember | undefined {
    const value = parseJson(line, 'Line');
    if (!isJsonObject(value)) {
      throw new ProofFormatError(`Expected an object with a proof, got ${describe(value)}.`);
    }
    const keys = ownField(value, 'keys');
    if (isJsonObject(keys) && !looksLikeMember(value)) {
      this.#keys = { ...this.#keys, ...keys };
      return undefined;
    }
    this.#index++;
    const { from = 'auto', key, risc0, sp1 } = this.#options;
    const system = from === 'auto' ? detectCoprocessor(value) : coprocessorNamed(from);
    const own =
      key === undefined ? keyInFile(value, { keys: this.#keys }, this.#reader) : this.#reader.read(key);
    const { file, index } = place;
    return system.read(value, { key: own, origin: { file, index }, checks, risc0, sp1 });
  }
}

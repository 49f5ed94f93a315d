/** Reads proofs that come one a line, each as soon as its line is there. */

import type { ReadBatchOptions } from '../coprocessors/batch.ts';
import { looksLikeMember } from '../coprocessors/documents.ts';
import { describe, isJsonObject, type JsonObject, ownField, parseJson } from '../coprocessors/json.ts';
import { KeyReader, keyInFile } from '../coprocessors/key-choice.ts';
import { atPlace } from '../coprocessors/name-error.ts';
import { coprocessorNamed, detectCoprocessor } from '../coprocessors/registry.ts';
import { ProofFormatError } from '../errors.ts';
import type { BatchMember } from '../groth16/proof.ts';
import { STDIN_NAME } from '../node/files.ts';

/** Turns lines into members; remembers the keys that earlier lines brought. */
export class MemberLines {
  readonly #options: ReadBatchOptions;
  readonly #reader = new KeyReader();
  #keys: JsonObject = {};
  #index = 0;

  constructor(options: ReadBatchOptions) {
    this.#options = options;
  }

  /** The member of a line, or undefined for one that only brings keys. Throws as readBatch does. */
  read(line: string, number: number): BatchMember | undefined {
    const place = { file: STDIN_NAME, index: this.#index, line: number };
    return atPlace(place, () => {
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
      return system.read(value, { key: own, origin: { file, index }, risc0, sp1 });
    });
  }
}

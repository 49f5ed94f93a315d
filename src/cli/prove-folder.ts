/** The folder that a batch of proofs goes to: what is there already is kept, and not made again. */

import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from '../coprocessors/json.ts';
import { fromSnarkjs } from '../coprocessors/snarkjs.ts';
import { writeSnarkjsKey } from '../coprocessors/snarkjs-write.ts';
import { readVerificationKey } from '../coprocessors/verification-keys.ts';
import type { Groth16Result } from '../drop-in/groth16.ts';
import { OptionError, SheafError } from '../errors.ts';
import { utf8 } from '../field/bytes.ts';
import type { VerificationKey } from '../groth16/verification-key.ts';
import { planOutput } from './output-file.ts';
import { readBytes } from './read-bytes.ts';
import { fileError } from './report-error.ts';

const KEY_FILE = 'verification_key.json';

/** JSON as snarkjs lays it out. */
export function jsonFile(value: unknown): Uint8Array {
  return utf8(`${JSON.stringify(value, null, 1)}\n`);
}

/** A folder of results of one key. */
export class ProveFolder {
  readonly #dir: string;
  readonly #key: VerificationKey;
  readonly #force: boolean;
  readonly #signal: AbortSignal;

  private constructor(dir: string, key: VerificationKey, force: boolean, signal: AbortSignal) {
    this.#dir = dir;
    this.#key = key;
    this.#force = force;
    this.#signal = signal;
  }

  /** Opens or makes the folder, with the key in it. Throws OptionError for a folder of another key. */
  static async open(
    dir: string,
    key: VerificationKey,
    options: { readonly force: boolean; readonly signal: AbortSignal },
  ): Promise<ProveFolder> {
    await mkdir(dir, { recursive: true }).catch((error: unknown) => {
      throw fileError(error, dir, 'UNWRITABLE');
    });
    const path = join(dir, KEY_FILE);
    if (await isThere(path)) {
      if (readVerificationKey(await readBytes(path)).id !== key.id) {
        throw new OptionError(`${dir}: holds proofs under another key. Choose another folder.`, {
          file: path,
        });
      }
    } else {
      const output = await planOutput(path, options);
      await output.write(jsonFile(writeSnarkjsKey(key)));
    }
    return new ProveFolder(dir, key, options.force, options.signal);
  }

  /** Where a result goes. */
  path(name: string): string {
    return join(this.#dir, `${name}.proof.json`);
  }

  /** Whether a result is there. Throws OptionError for a file that is none, unless it may be replaced. */
  async has(name: string): Promise<boolean> {
    const path = this.path(name);
    if (this.#force || !(await isThere(path))) return false;
    try {
      const file = parseJson(new TextDecoder().decode(await readBytes(path)), path) as Record<
        string,
        unknown
      >;
      // Points, counts and ranges are checked; whole files alone get their name, so that suffices.
      fromSnarkjs({ proof: file.proof, publicSignals: file.public, verificationKey: this.#key });
      return true;
    } catch (error) {
      if (!(error instanceof SheafError)) throw error;
      throw new OptionError(
        `${path}: is there already and holds no proof under this key. Move it away, or pass --force.`,
        { file: path },
      );
    }
  }

  /** Writes a result, whole or not at all. */
  async write(name: string, { proof, publicSignals }: Groth16Result): Promise<void> {
    const output = await planOutput(this.path(name), { force: this.#force, signal: this.#signal });
    await output.write(jsonFile({ public: publicSignals, proof }));
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

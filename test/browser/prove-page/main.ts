/** The page under test: what a page of a Semaphore user does, with Sheaf's public entry. */

import {
  type CircuitInputs,
  type Groth16Result,
  groth16,
  loadProvingKey,
  type ProvingKey,
  SheafError,
} from '../../../src/index.ts';

let key: ProvingKey | undefined;

const page = {
  /** From files: the witness generator by its URL, the key as a file that the user chose. */
  prove: (inputs: CircuitInputs, wasm: Uint8Array, zkey: Uint8Array): Promise<Groth16Result> => {
    const url = URL.createObjectURL(new Blob([wasm as Uint8Array<ArrayBuffer>]));
    return groth16.fullProve(inputs, url, new File([zkey as Uint8Array<ArrayBuffer>], 'semaphore.zkey'));
  },
  /** From bytes, with the key kept between calls. */
  proveAgain: async (inputs: CircuitInputs, wasm: Uint8Array, zkey: Uint8Array): Promise<Groth16Result> => {
    key ??= await loadProvingKey(zkey);
    return groth16.fullProve(inputs, wasm, key);
  },
  verify: (vk: object, { proof, publicSignals }: Groth16Result): Promise<boolean> =>
    groth16.verify(vk, publicSignals, proof),
  /** The code of the error that proving ends in. */
  refusal: async (inputs: CircuitInputs, wasm: Uint8Array, zkey: Uint8Array): Promise<string> => {
    try {
      await page.prove(inputs, wasm, zkey);
      return 'none';
    } catch (error) {
      return error instanceof SheafError ? error.code : String(error);
    }
  },
};

export type ProvePage = typeof page;

declare global {
  var provePage: ProvePage;
}
globalThis.provePage = page;

/** What {@link emitPairing} exports, for the code that calls it from outside. */

/** An exported function: the meaning of its i32 parameters, in order, and of its result if it has one. */
export interface ExportDescription {
  readonly parameters: readonly string[];
  readonly result?: string;
}

/** Name of an exported function. */
export type PairingExport =
  | 'prepareLines'
  | 'millerProducts'
  | 'finalExponentiation'
  | 'gtMul'
  | 'gtProduct'
  | 'gtMultiExp'
  | 'gtEqual'
  | 'gtMembers'
  | 'gtFromBytes'
  | 'gtToBytes'
  | 'gtCompress'
  | 'gtDecompress'
  | 'fpNotCanonical';

/**
 * Arguments are byte addresses and counts. A pair is two elements in the form's internal layout, aligned to 16; GT pairs take
 * `PairingLayout.gtPairBytes`. Outputs may be inputs only where this says so. Scratch need not be cleared. Sizes come from
 * {@link PairingLayout}. Counts of 0 are fine.
 */
export const PAIRING_EXPORTS: Readonly<Record<PairingExport, ExportDescription>> = {
  prepareLines: {
    parameters: [
      'out: linesBytes',
      'affine G2 point of lane 0, singles x.c0 x.c1 y.c0 y.c1; 0 or all zero: infinity',
      'the same for lane 1',
      'scratch: prepareScratchBytes',
    ],
  },
  millerProducts: { parameters: ['job: see MillerJob'] },
  finalExponentiation: {
    parameters: ['out: pairs, may be values', 'values: pairs, not 0', 'count of pairs'],
  },
  gtMul: { parameters: ['out: pairs, may be an input', 'left: pairs', 'right: pairs', 'count of pairs'] },
  gtProduct: {
    parameters: ['out: pair, the product of all lanes in both', 'values: pairs', 'count of pairs'],
  },
  gtMultiExp: {
    parameters: [
      'out: pair, the product in both lanes',
      'bases: pairs, in GT',
      'scalars: 2·count of 32 bytes little-endian below 2^255',
      'count of pairs',
      'scratch: multiExpScratchBytes',
    ],
  },
  gtEqual: {
    parameters: ['pair', 'pair'],
    result: 'lanes that are equal: bit 0 for lane 0, bit 1 for lane 1',
  },
  gtMembers: { parameters: ['pair'], result: 'lanes that are in GT, as bits' },
  gtFromBytes: { parameters: ['out: pairs', 'from: 2·count elements in memory form', 'count of pairs'] },
  gtToBytes: { parameters: ['out: 2·count elements in memory form', 'from: pairs', 'count of pairs'] },
  gtCompress: {
    parameters: [
      'out: 2·count encodings',
      'from: pairs, in GT',
      'count of pairs',
      'scratch: torusScratchBytes',
    ],
    result: 'index of the first element that cannot have been in GT, or −1',
  },
  gtDecompress: {
    parameters: [
      'out: pairs',
      'from: 2·count encodings',
      'count of pairs',
      'scratch: torusScratchBytes',
      'statuses: 2·count words, see DECOMPRESS_STATUS',
    ],
    result: 'index of the first element that was refused, or −1',
  },
  fpNotCanonical: {
    parameters: ['little-endian coefficients of Fp, one after another', 'their count'],
    result: 'index of the first that is not below p, or −1',
  },
};

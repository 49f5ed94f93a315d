/** How a transform runs on a GPU: levels a pass, and parts that a binding sees. Pure arithmetic on sizes. */

/** Some levels of a transform, on tiles in workgroup memory. */
export interface NttPass {
  readonly firstLevel: number;
  readonly levels: number;
}

/** The plan. */
export interface GpuNttPlan {
  /** log2 of the parts that are transformed by themselves, and then joined level by level. */
  readonly partsLog2: number;
  /** log2 of the values of a part. */
  readonly partLog2: number;
  /** Of a part. */
  readonly passes: readonly NttPass[];
  readonly tileLog2: number;
  /** Tiles of a part, in each of its passes. */
  readonly tiles: number;
  /** Products of a tile in a pass, about. */
  readonly tileProducts: number;
}

/** Plans a transform of 2^log2 values. `mostValues` is how many a binding sees, `mostTileLog2` log2 of how many a tile takes. */
export function planGpuNtt(log2: number, mostValues: number, mostTileLog2: number): GpuNttPlan {
  const partLog2 = Math.min(log2, Math.floor(Math.log2(mostValues)));
  const passCount = Math.ceil(partLog2 / mostTileLog2);
  const passes: NttPass[] = [];
  for (let i = 0, firstLevel = 0; i < passCount; i++) {
    const levels = Math.ceil((partLog2 - firstLevel) / (passCount - i));
    passes.push({ firstLevel, levels });
    firstLevel += levels;
  }
  const tileLog2 = Math.min(partLog2, mostTileLog2);
  return {
    partsLog2: log2 - partLog2,
    partLog2,
    passes,
    tileLog2,
    tiles: 2 ** (partLog2 - tileLog2),
    tileProducts: Math.max(1, 2 ** (tileLog2 - 1) * (passes[0]?.levels ?? 1)),
  };
}

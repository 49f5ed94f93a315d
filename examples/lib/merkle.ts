/** Merkle trees with four children a node, as circuits/lib/merkle.circom walks them. */

import { DOMAIN, poseidon4, type Quad } from './poseidon.ts';

/** A full tree; `rows[0]` are the leaves and the last row is the root alone. */
export interface MerkleTree {
  rows: readonly (readonly bigint[])[];
  root: bigint;
}

/** The tree over 4^levels leaves. Throws RangeError for another number of them. */
export function buildTree(leaves: readonly bigint[], levels: number): MerkleTree {
  if (leaves.length !== 4 ** levels) {
    throw new RangeError(`a tree of ${levels} levels takes ${4 ** levels} leaves, got ${leaves.length}`);
  }
  const rows: (readonly bigint[])[] = [leaves];
  let row = leaves;
  for (let level = 0; level < levels; level++) {
    const below = row;
    row = Array.from({ length: below.length / 4 }, (_, i) => poseidon4(DOMAIN.node, childrenAt(below, i)));
    rows.push(row);
  }
  return { rows, root: row[0] as bigint };
}

/** For each node on the way from a leaf to the root, its four children, the leaf's own row first. */
export function merklePath(tree: MerkleTree, position: number): Quad[] {
  return tree.rows.slice(0, -1).map((row, level) => childrenAt(row, Math.floor(position / 4 ** (level + 1))));
}

function childrenAt(row: readonly bigint[], parent: number): Quad {
  return row.slice(4 * parent, 4 * parent + 4) as unknown as Quad;
}

/** The calls of a backend for one group, under names that do not tell the group. */

import type { Backend, BackendVector, Bases, FrVector } from '../../../src/backend/backend.ts';
import type { GroupKind } from '../../lib/random-points.ts';

/** See {@link Backend}. */
export interface GroupCalls<K extends GroupKind> {
  upload(bytes: Uint8Array): Promise<BackendVector<K>>;
  prepare(points: BackendVector<K>): Promise<Bases<K>>;
  msm(bases: BackendVector<K> | Bases<K>, scalars: FrVector): Promise<Uint8Array>;
  fold(left: BackendVector<K>, right: BackendVector<K>, x: bigint): Promise<BackendVector<K>>;
}

export function groupCalls<K extends GroupKind>(backend: Backend, kind: K): GroupCalls<K> {
  const { uploadG1, prepareG1, msmG1, foldG1, uploadG2, prepareG2, msmG2, foldG2 } = backend;
  const g1: GroupCalls<'g1'> = { upload: uploadG1, prepare: prepareG1, msm: msmG1, fold: foldG1 };
  const g2: GroupCalls<'g2'> = { upload: uploadG2, prepare: prepareG2, msm: msmG2, fold: foldG2 };
  return { g1, g2 }[kind as GroupKind] as GroupCalls<GroupKind> as GroupCalls<K>;
}

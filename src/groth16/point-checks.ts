/**
 * Checks that points are on their curve and in its subgroup: at once with the reference arithmetic, which takes milliseconds a
 * point, or gathered while files are read and then done by a backend, many in one go.
 */

import type { Backend, OperationOptions } from '../backend/backend.ts';
import type { Curve } from '../curve/curve.ts';
import { checkG1, checkG2, g1FromBytes, g2FromBytes } from '../curve/points.ts';
import { AbortedError, type ErrorContext, InternalError, SheafError } from '../errors.ts';
import { joinBytes } from '../field/bytes.ts';

/** Checks a point in memory form whose coordinates are canonical. Infinity passes. */
type CheckPoint = (curve: Curve, bytes: Uint8Array, what: string, context: ErrorContext) => void;

/**
 * Where readers hand in the points they have read. Refusals are PointNotOnCurveError and PointNotInSubgroupError with the name and
 * the context given, thrown at once or when the checks are settled.
 */
export interface PointChecks {
  readonly g1: CheckPoint;
  readonly g2: CheckPoint;
  /** Runs `read` within `place`, where errors get the name of the file they arose in, and those of its points too, whenever they come. */
  within<T>(place: Place, read: () => T): T;
}

type Place = <T>(action: () => T) => T;

/** Each point at once. */
export const checkAtOnce: PointChecks = {
  within: (place, read) => place(read),
  g1: (curve, bytes, what, context) =>
    checkG1(curve, g1FromBytes(curve, bytes, what, context), what, context),
  g2: (curve, bytes, what, context) =>
    checkG2(curve, g2FromBytes(curve, bytes, what, context), what, context),
};

type BackendFor = (curve: Curve) => Backend | Promise<Backend>;

interface Gathered {
  readonly group: 'g1' | 'g2';
  readonly curve: Curve;
  readonly bytes: Uint8Array;
  /** Throws the error of a bad point. */
  readonly recheck: () => void;
}

/**
 * Points gathered until they are settled. Nothing that was made of them may be used before.
 */
export class GatheredChecks implements PointChecks {
  #pending: Gathered[] = [];
  #place: Place = (action) => action();

  readonly g1: CheckPoint = (...point) => this.#add('g1', ...point);
  readonly g2: CheckPoint = (...point) => this.#add('g2', ...point);

  within<T>(place: Place, read: () => T): T {
    const outer = this.#place;
    this.#place = place;
    try {
      return place(read);
    } finally {
      this.#place = outer;
    }
  }

  #add(group: 'g1' | 'g2', curve: Curve, bytes: Uint8Array, what: string, context: ErrorContext): void {
    const place = this.#place;
    const recheck = (): void => place(() => checkAtOnce[group](curve, bytes, what, context));
    this.#pending.push({ group, curve, bytes, recheck });
  }

  /**
   * Checks the points that `read` hands in. Throws the error of the first bad one in their order, as {@link checkAtOnce} does; when
   * `read` itself throws, a bad point that it met before comes first; AbortedError.
   *
   * @param backendFor gives the backend of a curve; asked only for curves that points are on
   */
  async settled<T>(
    read: () => T | Promise<T>,
    backendFor: BackendFor,
    options: OperationOptions = {},
  ): Promise<T> {
    let result: T;
    try {
      result = await read();
    } catch (error) {
      if (!(error instanceof AbortedError)) await this.#settle(backendFor, options);
      throw error;
    }
    await this.#settle(backendFor, options);
    return result;
  }

  async #settle(backendFor: BackendFor, options: OperationOptions): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    let bad: Gathered | undefined;
    let first = pending.length;
    let done = 0;
    for (const curve of new Set(pending.map((point) => point.curve))) {
      for (const group of ['g1', 'g2'] as const) {
        const places = pending.flatMap((point, i) =>
          point.curve === curve && point.group === group ? [i] : [],
        );
        const points = places.map((i) => (pending[i] as Gathered).bytes);
        const place =
          places[
            await firstBad(await backendFor(curve), group, points, {
              signal: options.signal,
              onProgress: (fraction) =>
                options.onProgress?.((done + fraction * points.length) / pending.length),
            })
          ];
        done += points.length;
        if (place === undefined || place >= first) continue;
        first = place;
        bad = pending[place];
      }
    }
    if (!bad) return;
    bad.recheck();
    throw new InternalError('The backend refuses a point, the reference does not.');
  }
}

/** Index of the first point that is not in its group, or −1. */
async function firstBad(
  backend: Backend,
  group: 'g1' | 'g2',
  points: readonly Uint8Array[],
  options: OperationOptions,
): Promise<number> {
  try {
    const bytes = joinBytes(points);
    await (group === 'g1' ? backend.checkG1(bytes, options) : backend.checkG2(bytes, options));
    return -1;
  } catch (error) {
    const index = error instanceof SheafError ? error.context.index : undefined;
    if (index === undefined) throw error;
    return index;
  }
}

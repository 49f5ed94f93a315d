import { modInverse } from '../../field/modular.ts';
import {
  type FunctionBuilder,
  type FunctionRef,
  type I64,
  i32,
  i64,
  type Local,
  load,
  type ModuleBuilder,
  type Ptr,
  select,
  store,
  toPtr,
} from '../emit/index.ts';
import type { FieldSpec } from './field-spec.ts';

/** Bits of a limb here, and division steps between two updates of the long numbers. */
const STEP = 30;
const MASK = (1n << BigInt(STEP)) - 1n;

/** The 2×2 matrix that a run of division steps multiplies (f, g) and (d, e) by, times 2^30: [[u, v], [q, r]]. */
interface Matrix {
  readonly u: Local<'i64'>;
  readonly v: Local<'i64'>;
  readonly q: Local<'i64'>;
  readonly r: Local<'i64'>;
}

/** Four signed numbers of `count` limbs each, one i64 per limb, limbs below the top one in [0, 2^30). */
interface State {
  readonly count: number;
  readonly d: Ptr;
  readonly e: Ptr;
  readonly f: Ptr;
  readonly g: Ptr;
}

/**
 * (at): replaces the integer x in [0, p) at `at`, little-endian in `field.byteLength` bytes, by 1/x mod p, and 0 by 0.
 *
 * Division steps of Bernstein and Yang ("Fast constant-time gcd computation and modular inversion", 2019) in the
 * variable-time arrangement of libsecp256k1's modinv32: runs of 30 steps on the low words of f and g give a matrix of entries
 * |·| ≤ 2^30 that is then applied to the long numbers. Invariants: d·x ≡ f and e·x ≡ g mod p; g reaches 0 with f = ±1.
 * d and e stay in (−2p, p), so that their limbs times 2^31 and a carry stay far below 2^63.
 */
export function integerInverse(
  module: ModuleBuilder,
  field: FieldSpec,
): FunctionRef<readonly ['i32'], 'void'> {
  return module.once(`${field.name}.integerInverse`, ['i32'], 'void', (f, at) => {
    const count = Math.ceil((8 * field.byteLength + 2) / STEP);
    const modulusLimbs = Array.from({ length: count }, (_, i) => (field.modulus >> BigInt(STEP * i)) & MASK);
    const vector = (): Ptr => f.frame(8 * count);
    const state: State = {
      count,
      d: vector(),
      e: vector(),
      f: vector(),
      g: vector(),
    };
    initialise(f, state, modulusLimbs, toPtr(at), field.byteLength);

    const eta = f.let(i32.const(-1));
    const matrix = {
      u: f.local('i64'),
      v: f.local('i64'),
      q: f.local('i64'),
      r: f.local('i64'),
    };
    const left = f.local('i64');
    f.loop((again) => {
      divisionSteps(f, state, eta, matrix);
      updateCofactors(f, state, matrix, modulusLimbs, modInverse(field.modulus, 1n << BigInt(STEP)));
      f.set(left, updateOperands(f, state, matrix));
      f.brIf(again, i64.ne(left, i64.const(0)));
    });
    writeResult(f, state, modulusLimbs, toPtr(at), field.byteLength);
  });
}

/** d = 0, e = 1, f = p, g = x. */
function initialise(
  f: FunctionBuilder,
  state: State,
  modulusLimbs: readonly bigint[],
  at: Ptr,
  byteLength: number,
): void {
  for (let i = 0; i < state.count; i++) {
    f.emit(store.i64(state.d, 8 * i, i64.const(0)));
    f.emit(store.i64(state.e, 8 * i, i64.const(i === 0 ? 1 : 0)));
    f.emit(store.i64(state.f, 8 * i, i64.const(modulusLimbs[i] ?? 0n)));
    const [word, shift] = [Math.floor((STEP * i) / 64), (STEP * i) % 64];
    const wordAt = (k: number): I64 => (8 * k < byteLength ? load.i64(at, 8 * k) : i64.const(0));
    let limb = i64.shrU(wordAt(word), i64.const(shift));
    if (shift + STEP > 64) limb = i64.or(limb, i64.shl(wordAt(word + 1), i64.const(64 - shift)));
    f.emit(store.i64(state.g, 8 * i, i64.and(limb, i64.const(MASK))));
  }
}

/**
 * Thirty division steps on the low words. `zeros` steps that only halve g are taken at once; then a multiple of f is added
 * that clears up to six low bits of g, as many as eta's sign and the count of steps left allow.
 */
function divisionSteps(f: FunctionBuilder, state: State, eta: Local<'i32'>, { u, v, q, r }: Matrix): void {
  f.scope(() => {
    const low = f.let(i32.wrapI64(load.i64(state.f)));
    const other = f.let(i32.wrapI64(load.i64(state.g)));
    const left = f.let(i32.const(STEP));
    // Matrix entries, modulo 2^32 while in progress.
    const [a, b, c, d] = [1, 0, 0, 1].map((entry) => f.let(i32.const(entry))) as [
      Local<'i32'>,
      Local<'i32'>,
      Local<'i32'>,
      Local<'i32'>,
    ];
    const [zeros, swap, factor] = [f.local('i32'), f.local('i32'), f.local('i32')];
    f.block((done) => {
      f.loop((again) => {
        // The sentinel bits stop the count at the steps left.
        f.set(zeros, i32.ctz(i32.or(other, i32.shl(i32.const(-1), left))));
        f.set(other, i32.shrU(other, zeros));
        f.set(a, i32.shl(a, zeros));
        f.set(b, i32.shl(b, zeros));
        f.set(eta, i32.sub(eta, zeros));
        f.set(left, i32.sub(left, zeros));
        f.brIf(done, i32.eqz(left));
        f.if(i32.ltS(eta, i32.const(0)), () => {
          f.set(eta, i32.sub(i32.const(0), eta));
          for (const [x, y] of [
            [low, other],
            [a, c],
            [b, d],
          ] as const) {
            f.set(swap, x);
            f.set(x, y);
            f.set(y, i32.sub(i32.const(0), swap));
          }
        });
        const limit = select(left, i32.add(eta, i32.const(1)), i32.gtS(i32.add(eta, i32.const(1)), left));
        const bits = i32.and(i32.shrU(i32.const(-1), i32.sub(i32.const(32), limit)), i32.const(63));
        // f·(f² − 2) is −1/f mod 64 for odd f.
        const inverse = i32.mul(low, i32.sub(i32.mul(low, low), i32.const(2)));
        f.set(factor, i32.and(i32.mul(other, inverse), bits));
        f.set(other, i32.add(other, i32.mul(low, factor)));
        f.set(c, i32.add(c, i32.mul(a, factor)));
        f.set(d, i32.add(d, i32.mul(b, factor)));
        f.br(again);
      });
    });
    f.set(u, i64.extendI32S(a));
    f.set(v, i64.extendI32S(b));
    f.set(q, i64.extendI32S(c));
    f.set(r, i64.extendI32S(d));
  });
}

/**
 * (d, e) = matrix·(d, e) / 2^30 mod p: multiples of p, first by the signs of d and e, then by what clears the low 30 bits,
 * keep the results in (−2p, p).
 */
function updateCofactors(
  f: FunctionBuilder,
  state: State,
  { u, v, q, r }: Matrix,
  modulusLimbs: readonly bigint[],
  modulusInverse: bigint,
): void {
  f.scope(() => {
    const top = 8 * (state.count - 1);
    const sign = (at: Ptr): Local<'i64'> => f.let(i64.shrS(load.i64(at, top), i64.const(63)));
    const [signD, signE] = [sign(state.d), sign(state.e)];
    const rows = [
      { x: u, y: v, out: state.d },
      { x: q, y: r, out: state.e },
    ].map(({ x, y, out }) => {
      const multiple = f.let(i64.add(i64.and(x, signD), i64.and(y, signE)));
      return { x, y, out, multiple, carry: f.local('i64') };
    });
    const [limbD, limbE] = [f.local('i64'), f.local('i64')];
    for (let i = 0; i < state.count; i++) {
      f.set(limbD, load.i64(state.d, 8 * i));
      f.set(limbE, load.i64(state.e, 8 * i));
      for (const { x, y, out, multiple, carry } of rows) {
        const product = i64.add(i64.mul(x, limbD), i64.mul(y, limbE));
        f.set(carry, i === 0 ? product : i64.add(carry, product));
        if (i === 0) {
          const excess = i64.add(i64.mul(i64.const(modulusInverse), carry), multiple);
          f.set(multiple, i64.sub(multiple, i64.and(excess, i64.const(MASK))));
        }
        f.set(carry, i64.add(carry, i64.mul(i64.const(modulusLimbs[i] ?? 0n), multiple)));
        if (i > 0) f.emit(store.i64(out, 8 * (i - 1), i64.and(carry, i64.const(MASK))));
        f.set(carry, i64.shrS(carry, i64.const(STEP)));
      }
    }
    for (const { out, carry } of rows) f.emit(store.i64(out, top, carry));
  });
}

/** (f, g) = matrix·(f, g) / 2^30, exactly. Returns the union of g's limbs: 0 when g is. */
function updateOperands(f: FunctionBuilder, state: State, { u, v, q, r }: Matrix): Local<'i64'> {
  const union = f.let(i64.const(0));
  f.scope(() => {
    const rows = [
      { x: u, y: v, out: state.f, carry: f.let(i64.const(0)) },
      { x: q, y: r, out: state.g, carry: f.let(i64.const(0)) },
    ];
    const [limbF, limbG] = [f.local('i64'), f.local('i64')];
    for (let i = 0; i < state.count; i++) {
      f.set(limbF, load.i64(state.f, 8 * i));
      f.set(limbG, load.i64(state.g, 8 * i));
      for (const { x, y, out, carry } of rows) {
        f.set(carry, i64.add(carry, i64.add(i64.mul(x, limbF), i64.mul(y, limbG))));
        if (i > 0) {
          f.emit(store.i64(out, 8 * (i - 1), i64.and(carry, i64.const(MASK))));
          if (out === state.g) f.set(union, i64.or(union, i64.and(carry, i64.const(MASK))));
        }
        f.set(carry, i64.shrS(carry, i64.const(STEP)));
      }
    }
    for (const { out, carry } of rows) {
      f.emit(store.i64(out, 8 * (state.count - 1), carry));
      if (out === state.g) f.set(union, i64.or(union, carry));
    }
  });
  return union;
}

/** ±d, by the sign of f = ±1, brought from (−2p, p) into [0, p) and packed to bytes. */
function writeResult(
  f: FunctionBuilder,
  state: State,
  modulusLimbs: readonly bigint[],
  at: Ptr,
  byteLength: number,
): void {
  f.scope(() => {
    const top = state.count - 1;
    const limbs = Array.from({ length: state.count }, (_, i) => f.let(load.i64(state.d, 8 * i)));
    const last = limbs[top] as Local<'i64'>;
    const carry = f.local('i64');
    const carryAll = (): void => {
      for (const [i, limb] of limbs.entries()) {
        if (i > 0) f.set(limb, i64.add(limb, carry));
        if (i === top) return;
        f.set(carry, i64.shrS(limb, i64.const(STEP)));
        f.set(limb, i64.and(limb, i64.const(MASK)));
      }
    };
    const addModulusIfNegative = (): void => {
      const negative = f.let(i64.shrS(last, i64.const(63)));
      for (const [i, limb] of limbs.entries()) {
        f.set(limb, i64.add(limb, i64.and(negative, i64.const(modulusLimbs[i] ?? 0n))));
      }
      f.release(negative);
      carryAll();
    };
    addModulusIfNegative();
    const sign = f.let(i64.shrS(load.i64(state.f, 8 * top), i64.const(63)));
    for (const limb of limbs) f.set(limb, i64.sub(i64.xor(limb, sign), sign));
    carryAll();
    addModulusIfNegative();
    for (let word = 0; word < byteLength / 8; word++) {
      const parts = limbs.flatMap((limb, i) => {
        const shift = STEP * i - 64 * word;
        if (shift <= -STEP || shift >= 64) return [];
        return [shift < 0 ? i64.shrU(limb, i64.const(-shift)) : i64.shl(limb, i64.const(shift))];
      });
      f.emit(store.i64(at, 8 * word, parts.reduce(i64.or)));
    }
  });
}

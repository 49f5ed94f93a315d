/**
 * Some levels of a transform by decimation in time (Cooley and Tukey, 1965), on tiles in workgroup memory. The first pass takes its
 * values in bit-reversed order; the others work in place on rows that are far apart, each tile on several neighbouring columns.
 * Inside, values are as they are at rest: twiddles in Montgomery form make products that are canonical again.
 */

import type { Curve } from '../../curve/curve.ts';
import type { Kernel } from '../kernel.ts';
import type { MultiplierName } from '../shader/field.ts';
import { kernelOf } from './scalar-kernel.ts';

/** log2 of the values of a tile: 8 kB, half of what a workgroup may have by default. */
export const TILE_LOG2 = 8;
/** The same on software adapters: SwiftShader zeroes workgroup memory by an instruction a word, which took three quarters of compiling. */
export const SOFTWARE_TILE_LOG2 = 5;

/** What a pass does besides. */
export const NTT_FLAGS = {
  /** First pass: the value at an even place of a pair is multiplied by twiddle 0. */
  scaled: 1,
  /** First pass: the other one needs no product, its twiddle is 1. */
  plain: 2,
} as const;

/** The part of the kernel that is no library. */
export function nttPassBody(tileLog2: number): string {
  const values = 2 ** tileLog2;
  const threads = values / 2;
  return `struct Parameters {
  // log2 of the number of values, levels before this pass and in it, log2 of the values of a tile.
  log2: u32,
  first_level: u32,
  levels: u32,
  tile_log2: u32,
  first_tile: u32,
  end_tile: u32,
  first_in: u32,
  first_out: u32,
  flags: u32,
}

@group(0) @binding(0) var<storage, read> input: array<Fr>;
// Twiddle j of level s is at 2^s + j; at 0 is what even places are multiplied by.
@group(0) @binding(1) var<storage, read> twiddles: array<Fr>;
@group(0) @binding(2) var<storage, read_write> out: array<Fr>;
@group(0) @binding(3) var<uniform> parameters: Parameters;

// Columns one behind the other, halves of values apart: threads side by side touch words side by side.
var<workgroup> low_half: array<vec4<u32>, ${values}>;
var<workgroup> high_half: array<vec4<u32>, ${values}>;

fn value_at(at: u32) -> Fr {
  return Fr(low_half[at], high_half[at]);
}

fn set_value(at: u32, value: Fr) {
  low_half[at] = value.v0;
  high_half[at] = value.v1;
}

// log2 of the columns of a tile.
fn columns_log2() -> u32 {
  return parameters.tile_log2 - parameters.levels;
}

// The part of an index in which the values of a column agree, below its rows.
fn below_rows(tile: u32, column: u32) -> u32 {
  let bits = parameters.first_level - columns_log2();
  return ((tile & ((1u << bits) - 1u)) << columns_log2()) | column;
}

// Index in the transform of a value of a tile. Columns of the first pass are far apart, for their inputs are neighbours.
fn index_of(tile: u32, column: u32, row: u32) -> u32 {
  let level = parameters.first_level;
  if (level == 0u) {
    return (column << (parameters.log2 - columns_log2())) | (tile << parameters.levels) | row;
  }
  let above = tile >> (level - columns_log2());
  return (above << (level + parameters.levels)) | (row << level) | below_rows(tile, column);
}

@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let tile = parameters.first_tile + group.y * groups.x + group.x;
  if (tile >= parameters.end_tile) {
    return;
  }
  let size = 1u << parameters.tile_log2;
  let levels = parameters.levels;
  let is_first = parameters.first_level == 0u;
  let columns = 1u << columns_log2();
  let is_scaled = (parameters.flags & ${NTT_FLAGS.scaled}u) != 0u;
  let is_plain = (parameters.flags & ${NTT_FLAGS.plain}u) != 0u;
  // Loading, the scaling where there is one, the levels, storing: a single barrier between all of them.
  let scaling = select(0u, 1u, is_scaled);
  let storing = 1u + scaling + levels;
  for (var step = 0u; step <= storing; step++) {
    if (step == 0u || step == storing) {
      for (var k = local; k < size; k += ${threads}u) {
        // Threads side by side take neighbours in memory: rows where the first pass stores, else columns.
        let by_rows = is_first && step == storing;
        let column = select(k & (columns - 1u), k >> levels, by_rows);
        let row = select(k >> columns_log2(), k & ((1u << levels) - 1u), by_rows);
        let index = index_of(tile, column, row);
        let at = (column << levels) | row;
        if (step == storing) {
          out[parameters.first_out + index] = value_at(at);
        } else {
          var value: Fr;
          if (is_first) {
            value = input[parameters.first_in + (reverseBits(index) >> (32u - parameters.log2))];
          } else {
            value = out[parameters.first_out + index];
          }
          set_value(at, value);
        }
      }
    } else if (local < size / 2u) {
      let is_scaling = is_scaled && step == 1u;
      let level = select(step - 1u - scaling, 0u, is_scaling);
      let low = local & ((1u << level) - 1u);
      let even = ((local >> level) << (level + 1u)) | low;
      let odd = even + (1u << level);
      var twiddle = 0u;
      if (!is_scaling) {
        twiddle = (1u << (parameters.first_level + level)) + (low << parameters.first_level);
        if (!is_first) {
          twiddle += below_rows(tile, even >> levels);
        }
      }
      var even_value = value_at(even);
      var odd_value = value_at(odd);
      var product = fr_select(odd_value, even_value, is_scaling);
      if (!(is_plain && is_first && level == 0u)) {
        product = fr_mul(product, twiddles[twiddle]);
      }
      if (is_scaling) {
        even_value = product;
      } else {
        odd_value = fr_sub(even_value, product);
        even_value = fr_add(even_value, product);
      }
      set_value(even, even_value);
      set_value(odd, odd_value);
    }
    workgroupBarrier();
  }
}
`;
}

/** The kernel, on tiles of 2^tileLog2 values. */
export function nttPass(curve: Curve, multiplier: MultiplierName, tileLog2: number): Kernel {
  const bindings = ['read', 'read', 'write', 'uniform'] as const;
  return kernelOf('ntt-pass', curve, multiplier, bindings, nttPassBody(tileLog2), 2 ** tileLog2 / 2);
}

/**
 * Products of lines. The digits of the loop are cut into segments and the pairs of a product into chunks; a thread takes one
 * chunk through one segment, starting at 1. What it gets is multiplied over the chunks of a product, then the segments are put
 * together, highest first: the squarings of all pairs of a product but those within segments are done once.
 */

import type { Kernel } from '../kernel.ts';
import type { MillerLibrary } from '../shader/miller-library.ts';
import type { AccumulatorPrograms } from '../shader/miller-programs.ts';
import { mainText, WORKGROUP } from './thread-index.ts';

/** Chunks of pairs through segments of the loop. */
export const MILLER_ACCUMULATE_BODY: string = `struct Parameters {
  // Threads of this dispatch, and the first of them: chunks of the first segment, of the second …
  count: u32,
  first: u32,
  chunks: u32,
  first_segment: u32,
  segment_digits: u32,
  // The first step that \`lines\` holds, and the number of points that have lines.
  first_step: u32,
  points: u32,
  // Chunks that a segment has in \`values\`.
  stride: u32,
}

// First pair, pair behind the last, and place among the values of a segment.
@group(0) @binding(1) var<storage, read> chunks: array<vec4<u32>>;
// Which point of G2 each pair has.
@group(0) @binding(2) var<storage, read> pairs: array<u32>;
@group(0) @binding(3) var<storage, read> points: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read> lines: array<vec4<u32>>;
@group(0) @binding(5) var<storage, read_write> values: array<vec4<u32>>;
@group(0) @binding(6) var<uniform> parameters: Parameters;

// Prepares the product with a line at the point of a pair; returns what to run: nothing if one of the two is infinity.
fn begin_line(step: u32, pair: u32) -> u32 {
  let stride = VECTORS * parameters.points;
  let row = 6u * (step - parameters.first_step) * stride + VECTORS * pairs[pair];
  var line_bits = vec4<u32>();
  for (var k = 0u; k < 6u; k++) {
    for (var v = 0u; v < VECTORS; v++) {
      let value = lines[row + k * stride + v];
      registers[LINE_AT + VECTORS * k + v] = value;
      line_bits |= value;
    }
  }
  var point_bits = vec4<u32>();
  for (var k = 0u; k < 2u * VECTORS; k++) {
    let value = points[2u * VECTORS * pair + k];
    registers[POINT_AT + k] = value;
    point_bits |= value;
  }
  let is_infinity = all(line_bits == vec4<u32>()) || all(point_bits == vec4<u32>());
  return select(LINE, HALTED, is_infinity);
}

${mainText()}
  if (i >= parameters.count) {
    return;
  }
  let at = parameters.first + i;
  let chunk = chunks[at % parameters.chunks];
  let segment = parameters.first_segment + at / parameters.chunks;
  let length = chunk.y - chunk.x;
  let first_digit = segment * parameters.segment_digits;
  let end_digit = min(DIGITS, first_digit + parameters.segment_digits);
  set_one();
  for (var digit = first_digit; digit < end_digit; digit++) {
    let first_step = DIGIT_LINES[digit];
    // A squaring, then the first line of the digit at all pairs, the second …
    let turns = 1u + (DIGIT_LINES[digit + 1u] - first_step) * length;
    for (var turn = select(0u, 1u, digit == first_digit); turn < turns; turn++) {
      var start = SQUARE;
      if (turn > 0u) {
        start = begin_line(first_step + (turn - 1u) / length, chunk.x + (turn - 1u) % length);
      }
      run(start);
    }
  }
  let base = SIZE * (segment * parameters.stride + chunk.z);
  for (var k = 0u; k < SIZE; k++) {
    values[base + k] = registers[ACCUMULATOR + k];
  }
}
`;

/** One level of the product tree. */
export const MILLER_TREE_BODY: string = `struct Parameters {
  // Threads of this dispatch, and the first of them: products of the first segment, of the second …
  count: u32,
  first: u32,
  // Products that a segment has after this level, and factors before it.
  products: u32,
  factors: u32,
}

// First factor and factor behind the last of each product.
@group(0) @binding(1) var<storage, read> ranges: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> factors: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> values: array<vec4<u32>>;
@group(0) @binding(4) var<uniform> parameters: Parameters;

${mainText()}
  if (i >= parameters.count) {
    return;
  }
  let at = parameters.first + i;
  let range = ranges[at % parameters.products];
  let base = (at / parameters.products) * parameters.factors;
  for (var k = 0u; k < SIZE; k++) {
    registers[ACCUMULATOR + k] = factors[SIZE * (base + range.x) + k];
  }
  for (var factor = range.x + 1u; factor < range.y; factor++) {
    for (var k = 0u; k < SIZE; k++) {
      registers[FACTOR + k] = factors[SIZE * (base + factor) + k];
    }
    run(MULTIPLY);
  }
  for (var k = 0u; k < SIZE; k++) {
    values[SIZE * at + k] = registers[ACCUMULATOR + k];
  }
}
`;

/** The segments of each product put together; canonical. */
export const MILLER_FINISH_BODY: string = `struct Parameters {
  // Products of this dispatch, the first of them, and all products.
  count: u32,
  first: u32,
  products: u32,
  segment_digits: u32,
}

@group(0) @binding(1) var<storage, read> segments: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> values: array<vec4<u32>>;
@group(0) @binding(3) var<uniform> parameters: Parameters;

${mainText()}
  if (i >= parameters.count) {
    return;
  }
  let product = parameters.first + i;
  let length = parameters.segment_digits;
  for (var k = 0u; k < SIZE; k++) {
    registers[ACCUMULATOR + k] = segments[SIZE * product + k];
  }
  // Two turns a digit behind the first segment: a squaring, and at the end of a segment its product; then two turns more.
  let finish = 2u * (DIGITS - min(DIGITS, length));
  for (var turn = 0u; turn < finish + 2u; turn++) {
    var start = HALTED;
    let digit = length + turn / 2u;
    if (turn < finish) {
      start = SQUARE;
      if ((turn & 1u) == 1u) {
        start = HALTED;
        if (digit + 1u == DIGITS || (digit + 1u) % length == 0u) {
          for (var k = 0u; k < SIZE; k++) {
            registers[FACTOR + k] = segments[SIZE * ((digit / length) * parameters.products + product) + k];
          }
          start = MULTIPLY;
        }
      }
    } else if (turn == finish) {
      // A negative loop inverts: up to a factor that the final exponentiation takes away, it conjugates.
      start = select(HALTED, CONJUGATE, IS_NEGATIVE);
    } else {
      start = begin_from_montgomery();
    }
    run(start);
  }
  for (var k = 0u; k < SIZE; k++) {
    values[SIZE * product + k] = registers[ACCUMULATOR + k];
  }
}
`;

type Library = MillerLibrary<AccumulatorPrograms>;

/** The kernel that takes chunks of pairs through segments. */
export function millerAccumulate({ text }: Library): Kernel {
  return {
    name: 'miller-accumulate',
    workgroupSize: WORKGROUP,
    bindings: ['uniform', 'read', 'read', 'read', 'read', 'write', 'uniform'],
    code: `${text}\n${MILLER_ACCUMULATE_BODY}`,
  };
}

/** The kernel of one level of the product tree. */
export function millerTree({ text }: Library): Kernel {
  return {
    name: 'miller-tree',
    workgroupSize: WORKGROUP,
    bindings: ['uniform', 'read', 'read', 'write', 'uniform'],
    code: `${text}\n${MILLER_TREE_BODY}`,
  };
}

/** The kernel that puts segments together. */
export function millerFinish({ text }: Library): Kernel {
  return {
    name: 'miller-finish',
    workgroupSize: WORKGROUP,
    bindings: ['uniform', 'read', 'write', 'uniform'],
    code: `${text}\n${MILLER_FINISH_BODY}`,
  };
}

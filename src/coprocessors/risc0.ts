/**
 * RISC Zero receipts compressed to Groth16. The five public inputs are recomputed from the claim and from a parameter set
 * that this library or its caller knows:
 *
 *     [controlRoot.low, controlRoot.high, claim.low, claim.high, bn254ControlId]
 */

import { type ErrorContext, ProofFormatError, UnsupportedProofError } from '../errors.ts';
import { bigintFromBytesBE, equalBytes, toHex } from '../field/bytes.ts';
import { bytesOfHex } from '../field/hex.ts';
import type { PointChecks } from '../groth16/point-checks.ts';
import { type BatchMember, createMember, type MemberOrigin } from '../groth16/proof.ts';
import type { VerificationKey } from '../groth16/verification-key.ts';
import { readDigest } from './bytes-field.ts';
import { type Coprocessor, contextOf, requireStatedInputs, requireStatedProof } from './coprocessor.ts';
import { readGnarkBinaryProof } from './gnark-binary.ts';
import { describe, hasAny, isJsonObject, type JsonObject, ownField } from './json.ts';
import { splitDigest } from './risc0-claim.ts';
import { risc0KeyDigest } from './risc0-digest.ts';
import { risc0Key } from './risc0-key.ts';
import {
  describeRisc0Releases,
  namesParameters,
  otherRisc0Receipt,
  RISC0_RELEASES,
  type Risc0Options,
  type Risc0Parameters,
} from './risc0-parameters.ts';
import { type Risc0Statement, readRisc0Receipt } from './risc0-receipt.ts';
import { readVerificationKey } from './verification-keys.ts';

const NAME = 'risc0';
const WHAT = 'RISC Zero receipt';
const SELECTOR_BYTES = 4;

/** What goes with a receipt. */
export interface FromRisc0Options extends Risc0Options {
  /** Another key than the production key, in any form; its parameter sets must then be given too. */
  readonly verificationKey?: unknown;
  readonly origin?: MemberOrigin | undefined;
  /** Where curve and subgroup of the proof's points are checked. Default: at once. */
  readonly checks?: PointChecks | undefined;
}

/** A parameter set from JSON or from the caller's options. */
function readParameters(value: unknown, field: string, context: ErrorContext): Risc0Parameters {
  const at = { ...context, field };
  if (!isJsonObject(value)) {
    throw new ProofFormatError(
      `${WHAT}, ${field}: expected controlRoot and bn254ControlId, got ${describe(value)}.`,
      at,
    );
  }
  const digest = (name: string): string =>
    toHex(readDigest(ownField(value, name), `${WHAT}, ${field}.${name}`, at));
  return { controlRoot: digest('controlRoot'), bn254ControlId: digest('bn254ControlId') };
}

/** Digits are compared as they stand: built-in sets and those that were read are in lower case without 0x. */
function sameParameters(a: Risc0Parameters, b: Risc0Parameters): boolean {
  return a.controlRoot === b.controlRoot && a.bn254ControlId === b.bn254ControlId;
}

function refuseUnknown(names: Risc0Statement['names'], context: ErrorContext): never {
  for (const { field, bytes } of names) {
    const selector = toHex(bytes.subarray(0, SELECTOR_BYTES));
    const other = otherRisc0Receipt(selector);
    if (other) {
      throw new UnsupportedProofError(
        `${WHAT}: ${field} ${selector} marks ${other}. Only Groth16 receipts can be folded.`,
        {
          ...context,
          field,
        },
      );
    }
  }
  const given = names.map(({ field, bytes }) => `${field} ${toHex(bytes)}`).join(', ');
  throw new UnsupportedProofError(
    `${WHAT}: no known parameter set goes with ${given} and this key. Known: ${describeRisc0Releases()}. For another release pass its controlRoot and bn254ControlId as risc0.parameters; they are not taken from the receipt, because they decide what it proves.`,
    { ...context, field: names[0]?.field ?? 'selector' },
  );
}

/** Finds the one trusted parameter set that the receipt was made with. */
function findParameters(
  { names }: Risc0Statement,
  /** The set that the receipt carries along: never trusted, only held against the one that was found. */
  carried: Risc0Parameters | undefined,
  key: VerificationKey,
  given: readonly Risc0Parameters[],
  context: ErrorContext,
): Risc0Parameters {
  const keyDigest = risc0KeyDigest(key);
  const trusted: readonly Risc0Parameters[] = [...given, ...RISC0_RELEASES];
  let found: Risc0Parameters | undefined;
  if (names.length > 0) {
    found = trusted.find((parameters) =>
      names.every(({ bytes }) => namesParameters(bytes, parameters, keyDigest)),
    );
    if (!found) {
      const clash = names.find((name) =>
        trusted.some((parameters) => namesParameters(name.bytes, parameters, keyDigest)),
      );
      if (clash && names.length > 1) {
        throw new ProofFormatError(
          `${WHAT}: ${names.map(({ field, bytes }) => `${field} ${toHex(bytes)}`).join(' and ')} name different releases. One of them was altered.`,
          { ...context, field: 'selector' },
        );
      }
      refuseUnknown(names, context);
    }
  } else if (carried) found = trusted.find((parameters) => sameParameters(parameters, carried));
  else if (given.length === 1) found = given[0];
  if (!found) {
    throw new ProofFormatError(
      `${WHAT}: nothing says which release it was made with. Expected a seal that starts with its selector, a field selector or verifierParameters, or one set in risc0.parameters. Known selectors: ${describeRisc0Releases()}.`,
      { ...context, field: 'selector' },
    );
  }
  if (carried && !sameParameters(carried, found)) {
    throw new ProofFormatError(
      `${WHAT}: the params in the file are not those that its selector stands for. Leave params out, or pass a set you trust as risc0.parameters.`,
      { ...context, field: 'params' },
    );
  }
  return found;
}

function requireUsableKey(key: VerificationKey, statement: Risc0Statement, context: ErrorContext): void {
  const production = risc0Key();
  if (equalBytes(key.digest, production.digest)) return;
  const at = { ...context, field: 'verificationKey' };
  if (key.curve !== production.curve || key.inputCount !== production.inputCount) {
    throw new ProofFormatError(
      `${WHAT}: expected a BN254 key with ${production.inputCount} public inputs, got one on ${key.curve.name} with ${key.inputCount}. Leave the key out to use the production key.`,
      at,
    );
  }
  const productionDigest = risc0KeyDigest(production);
  const builtIn = RISC0_RELEASES.find((release) =>
    statement.names.some(({ bytes }) => namesParameters(bytes, release, productionDigest)),
  );
  if (builtIn) {
    throw new ProofFormatError(
      `${WHAT}: selector ${builtIn.selector} (${builtIn.version}) stands for RISC Zero's production key, and the key given is another (${key.id.slice(0, 16)}…). Leave it out, or take the wrong verification_key.json away.`,
      at,
    );
  }
}

function requireExit({ exit }: Risc0Statement, anyExit: boolean, context: ErrorContext): void {
  if (exit === undefined || (exit.system === 0 && exit.user === 0)) return;
  if (anyExit && exit.system <= 1) return;
  throw new UnsupportedProofError(
    `${WHAT}: the run ended with exit code (system ${exit.system}, user ${exit.user}), not in success (0, 0). ${
      exit.system <= 1
        ? 'Set risc0.anyExit to fold receipts of such runs.'
        : 'Such a run has no output and proves no result.'
    }`,
    { ...context, field: 'exitCode' },
  );
}

/**
 * Makes a batch member of a Groth16 receipt. `receipt` is {seal, imageId, journal | journalDigest} with, where they
 * differ from a plain successful run, exitCode and postStateDigest; or {seal, claimDigest}; or the JSON that serde writes
 * of a Rust `Receipt`. Bytes are hexadecimal text or arrays; the seal may start with its selector. The public inputs are
 * recomputed; `public`, `claimDigest`, `params` and a second copy of the proof are held against what was recomputed.
 * Points and ranges are checked; the proof itself is not verified here.
 *
 * Throws ProofFormatError, UnsupportedProofError (unknown release, failed run, other kinds of receipt) or a point error.
 */
export function fromRisc0(receipt: JsonObject, options: FromRisc0Options = {}): BatchMember {
  const { origin, checks, parameters = [], anyExit = false } = options;
  const context = contextOf(origin);
  const statement = readRisc0Receipt(receipt, context);
  requireExit(statement, anyExit, context);
  const key =
    options.verificationKey === undefined
      ? risc0Key()
      : readVerificationKey(options.verificationKey, context);
  requireUsableKey(key, statement, context);
  const given = parameters.map((set, i) => readParameters(set, `risc0.parameters[${i}]`, context));
  const carried = ownField(receipt, 'params');
  const { controlRoot, bn254ControlId } = findParameters(
    statement,
    carried === undefined ? undefined : readParameters(carried, 'params', context),
    key,
    given,
    context,
  );
  const inputs = [
    ...splitDigest(bytesOfHex(controlRoot)),
    ...splitDigest(statement.claim),
    bigintFromBytesBE(bytesOfHex(bn254ControlId)),
  ];
  requireStatedInputs(WHAT, inputs, receipt, context);
  const proof = readGnarkBinaryProof(statement.proof, key.curve, { ...context, field: 'seal' }, checks);
  requireStatedProof(WHAT, proof, receipt, context, checks);
  return createMember(key, proof, inputs, NAME, origin);
}

/** The adapter. */
export const risc0: Coprocessor = {
  name: NAME,
  fields: 'seal with imageId and journal or with claimDigest, or a serde Receipt (inner.Groth16)',
  takesPublicInputs: false,
  builtinKeys: [{ system: NAME, name: NAME, releases: RISC0_RELEASES, key: risc0Key }],
  recognises: (member) => {
    const inner = ownField(member, 'inner');
    return (
      hasAny(member, ['seal', 'imageId', 'claimDigest']) ||
      (isJsonObject(inner) && hasAny(inner, ['Groth16', 'Succinct', 'Composite', 'Fake']))
    );
  },
  read: (member, { key, origin, checks, risc0: options }) =>
    fromRisc0(member, { ...options, verificationKey: key, origin, checks }),
};

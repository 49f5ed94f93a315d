/**
 * Reads batches of proofs from files: folders, archives, lists, pairs of proof and inputs. Everything is checked here, once:
 * points, ranges, counts, claims and, unless the caller vouches for them, the proofs themselves.
 *
 * Accepted, any mixture of them at once:
 *
 *     proof-7.json                     one member with its inputs or claim; the key from verification_key.json beside it or
 *                                      in a folder above, from a field of its own, or built in
 *     proof_7.json + public_7.json     (x.proof.json + x.public.json, proof.bin + public.bin …) a bare proof and its inputs
 *     [ member, … ]                    a list
 *     { "keys": { name: key }, "proofs": [ { "key": name, … }, … ] }       a list with a table of keys
 *     one member a line (NDJSON)       a line { "keys": … } before them adds to the table
 *     .zip, .gz                        of any of these; folders in a zip count like folders
 */

import { FalseProofError, OptionError, ProofFormatError, throwIfAborted } from '../errors.ts';
import { checkAtOnce, GatheredChecks, type PointChecks } from '../groth16/point-checks.ts';
import type { BatchMember } from '../groth16/proof.ts';
import type { VerificationKey } from '../groth16/verification-key.ts';
import { findFalseProofs } from '../groth16/verify-batch.ts';
import type { Batch, NamedFile, ReadBatchOptions, SkippedFile } from './batch.ts';
import type { Coprocessor } from './coprocessor.ts';
import { type Document, looksLikeMember, readDocument } from './documents.ts';
import { mayHoldProofs } from './file-roles.ts';
import { describe, hasAny, isJsonObject, type JsonObject, ownField, PUBLIC_FIELDS } from './json.ts';
import { KeyFiles, KeyReader, keyInFile } from './key-choice.ts';
import { atPlace, type Place, placeName } from './name-error.ts';
import { coprocessorNamed, detectCoprocessor } from './registry.ts';
import { UnpackBudget, unpack } from './unpack.ts';

/** How long reading may hold the event loop. */
const HOLD_MS = 30;

/** Reports progress, lets other tasks run and notices the signal, at a bearable rate. */
function createPace(
  { signal, onProgress }: ReadBatchOptions,
  share: number,
): (done: number, of: number) => Promise<void> {
  let held = Date.now();
  return async (done, of) => {
    if (Date.now() - held <= HOLD_MS) return;
    onProgress?.((share * done) / of);
    await new Promise((resolve) => {
      setTimeout(resolve, 0);
    });
    throwIfAborted(signal);
    held = Date.now();
  };
}

async function readDocuments(
  files: readonly NamedFile[],
  options: ReadBatchOptions,
  skipped: SkippedFile[],
): Promise<Document[]> {
  const budget = new UnpackBudget(options.limits);
  const documents: Document[] = [];
  const pace = createPace(options, 0);
  for (const { name, bytes, required = false } of files) {
    throwIfAborted(options.signal);
    budget.takeFile(name);
    if (!required && !mayHoldProofs(name)) {
      skipped.push({ file: name, reason: 'not a kind of file that holds proofs' });
      continue;
    }
    const content = typeof bytes === 'function' ? await bytes() : bytes;
    for (const unpacked of await unpack({ name, bytes: content }, budget, skipped, options.signal)) {
      documents.push(atPlace({ file: unpacked.name }, () => readDocument(unpacked)));
      await pace(documents.length, documents.length);
    }
  }
  return documents;
}

/** Public inputs in files of their own, by folder and stem. */
class InputFiles {
  readonly #byStem = new Map<string, Document[]>();
  readonly #used = new Set<Document>();

  constructor(documents: readonly Document[]) {
    for (const document of documents) {
      if (document.content.kind !== 'inputs') continue;
      const place = `${document.name.folder}/${document.name.stem}`;
      this.#byStem.set(place, [...(this.#byStem.get(place) ?? []), document]);
    }
  }

  /** The inputs of the same stem beside a proof file. */
  find({ folder, stem }: { readonly folder: string; readonly stem: string }): unknown {
    const [found, second] = this.#byStem.get(`${folder}/${stem}`) ?? [];
    if (found && second) {
      throw new ProofFormatError(
        `There are two files of public inputs beside it: ${found.file} and ${second.file}.`,
      );
    }
    if (found?.content.kind !== 'inputs') return undefined;
    this.#used.add(found);
    return found.content.inputs;
  }

  isUsed(document: Document): boolean {
    return this.#used.has(document);
  }
}

/** Reads members one by one, with what the batch has around them. */
class MemberReader {
  readonly keys: KeyFiles;
  readonly inputs: InputFiles;
  readonly #options: ReadBatchOptions;
  readonly #system: Coprocessor | undefined;
  readonly #reader = new KeyReader();
  readonly #key: VerificationKey | undefined;

  constructor(documents: readonly Document[], options: ReadBatchOptions) {
    const { from = 'auto', key } = options;
    this.#options = options;
    this.#system = from === 'auto' ? undefined : coprocessorNamed(from);
    this.#key = key === undefined ? undefined : this.#reader.read(key);
    this.keys = new KeyFiles(documents, this.#reader);
    this.inputs = new InputFiles(documents);
  }

  read(
    value: unknown,
    table: JsonObject,
    { name, file }: Document,
    index: number | undefined,
    checks: PointChecks,
  ): BatchMember {
    if (!isJsonObject(value)) {
      throw new ProofFormatError(`Expected an object with a proof, got ${describe(value)}.`);
    }
    const system = this.#system ?? detectCoprocessor(value);
    const bare = index === undefined && system.takesPublicInputs && !hasAny(value, PUBLIC_FIELDS);
    const inputs = bare ? this.inputs.find(name) : undefined;
    return system.read(inputs === undefined ? value : { ...value, public: inputs }, {
      key: this.#key ?? keyInFile(value, table, this.#reader) ?? this.keys.find(name),
      origin: { file, ...(index === undefined ? {} : { index }) },
      checks,
      risc0: this.#options.risc0,
      sp1: this.#options.sp1,
    });
  }
}

/** The members of a list with their places; lines that hold only keys add to the table. */
function* listMembers(document: Document): Generator<{ place: Place; value: unknown; table: JsonObject }> {
  if (document.content.kind !== 'list') return;
  let { table } = document.content;
  let index = 0;
  for (const { value: parse, line } of document.content.items) {
    const place = { file: document.file, index, line };
    const value = atPlace(place, parse);
    if (
      line !== undefined &&
      isJsonObject(value) &&
      isJsonObject(ownField(value, 'keys')) &&
      !looksLikeMember(value)
    ) {
      table = {
        ...table,
        keys: { ...(ownField(table, 'keys') as JsonObject | undefined), ...(value.keys as JsonObject) },
      };
      continue;
    }
    yield { place, value, table };
    index++;
  }
}

/** Reads the members of all documents; the points of all of them are checked together, where there is a backend to do it. */
async function readMembers(
  documents: readonly Document[],
  reader: MemberReader,
  options: ReadBatchOptions,
): Promise<BatchMember[]> {
  const { backend, signal } = options;
  const share = options.trusted ? 1 : 0.5;
  if (!backend) return readEach(documents, reader, checkAtOnce, share, options);
  const checks = new GatheredChecks();
  return checks.settled(() => readEach(documents, reader, checks, share / 2, options), backend, {
    signal,
    onProgress: (fraction) => options.onProgress?.((share / 2) * (1 + fraction)),
  });
}

async function readEach(
  documents: readonly Document[],
  reader: MemberReader,
  checks: PointChecks,
  share: number,
  options: ReadBatchOptions,
): Promise<BatchMember[]> {
  const take = (place: Place, read: () => BatchMember): BatchMember =>
    checks.within((action) => atPlace(place, action), read);
  const members: BatchMember[] = [];
  const total = documents.reduce(
    (sum, { content }) =>
      sum + (content.kind === 'list' ? content.items.length : content.kind === 'member' ? 1 : 0),
    0,
  );
  const pace = createPace(options, share);
  for (const document of documents) {
    const { content, file } = document;
    if (content.kind === 'member') {
      members.push(take({ file }, () => reader.read(content.member, {}, document, undefined, checks)));
      await pace(members.length, total);
    }
    for (const { place, value, table } of listMembers(document)) {
      members.push(take(place, () => reader.read(value, table, document, place.index, checks)));
      await pace(members.length, total);
    }
  }
  return members;
}

/** Why a document gave no member, or undefined where it did or helped another. */
function reasonSkipped(document: Document, { keys, inputs }: MemberReader): string | undefined {
  const { content, name } = document;
  if (content.kind === 'other') return content.reason;
  if (content.kind === 'inputs' && !inputs.isUsed(document))
    return 'public inputs without a bare proof of the same name';
  if (content.kind === 'key' && !keys.isUsed(document)) {
    return name.role === 'key' && name.stem === ''
      ? undefined
      : 'a verification key that goes with no proof by its name; pass it as the key option, or name it verification_key.json';
  }
  return undefined;
}

async function requireTrue(
  members: readonly BatchMember[],
  backend: NonNullable<ReadBatchOptions['backend']>,
  options: ReadBatchOptions,
): Promise<void> {
  const { signal, onProgress } = options;
  const wrong: number[] = [];
  let done = 0;
  for (const curve of new Set(members.map((member) => member.key.curve))) {
    const indices = members.flatMap((member, i) => (member.key.curve === curve ? [i] : []));
    const found = await findFalseProofs(
      indices.map((i) => members[i] as BatchMember),
      {
        backend: await backend(curve),
        signal,
        onProgress: (fraction) =>
          onProgress?.(0.5 + (0.5 * (done + fraction * indices.length)) / members.length),
      },
    );
    wrong.push(...found.map((i) => indices[i] as number));
    done += indices.length;
  }
  if (wrong.length === 0) return;
  const places = wrong
    .sort((a, b) => a - b)
    .map((i) => {
      const { file, index } = (members[i] as BatchMember).origin;
      return { file: file ?? '', ...(index === undefined ? {} : { index }) };
    });
  const first = members[wrong[0] as number] as BatchMember;
  const more =
    wrong.length === 1
      ? ''
      : ` So are ${wrong.length - 1} more: ${places.slice(1, 6).map(placeName).join('; ')}${wrong.length > 6 ? ' …' : ''}.`;
  throw new FalseProofError(
    `${placeName(places[0] as Place)}: the proof is well-formed and false: it does not verify for these public inputs under key ${first.key.id.slice(0, 16)}….${more} Leave it out, or ask its prover again.`,
    { ...places[0], falseProofs: places },
  );
}

/**
 * Reads files into batch members. Systems are told apart by their fields unless `from` names one; keys come from the `key`
 * option, else from the member or its list, else from the nearest verification_key.json, else they are built in. Files
 * that are no proofs are passed over and listed; files that look like proofs and are broken are errors, with file and
 * position in message and context.
 *
 * Throws FalseProofError for false proofs, InputError with code INPUT_LIMIT past the limits, ProofFormatError where no
 * proof was found, AbortedError, and what fromSnarkjs, fromRisc0, fromSp1 and fromGnark throw.
 */
export async function readBatch(files: readonly NamedFile[], options: ReadBatchOptions = {}): Promise<Batch> {
  throwIfAborted(options.signal);
  const { backend, trusted = false } = options;
  if (!trusted && !backend) {
    throw new OptionError(
      'Verifying the proofs takes a backend: pass one, or set trusted to skip the verification.',
      {
        field: 'backend',
      },
    );
  }
  const skipped: SkippedFile[] = [];
  const documents = await readDocuments(files, options, skipped);
  const reader = new MemberReader(documents, options);
  const members = await readMembers(documents, reader, options);
  const required = new Set(files.flatMap(({ name, required: named }) => (named ? [name] : [])));
  for (const document of documents) {
    const reason = reasonSkipped(document, reader);
    if (reason === undefined) continue;
    const { file } = document;
    if (required.has(file))
      throw new ProofFormatError(`${file}: expected a proof, found ${reason}.`, { file });
    skipped.push({ file, reason });
  }
  if (members.length === 0) {
    const seen = skipped.slice(0, 3).map(({ file, reason }) => `${file} (${reason})`);
    throw new ProofFormatError(
      `No proof was found in ${files.length} ${files.length === 1 ? 'file' : 'files'}${seen.length > 0 ? `; passed over ${seen.join(', ')}${skipped.length > 3 ? ' …' : ''}` : ''}.`,
    );
  }
  if (!trusted && backend) await requireTrue(members, backend, options);
  options.onProgress?.(1);
  return { members, skipped };
}

/** What a file's name says of its part in a proof: proof.json, public_3.json, x.vk.bin, verification_key.json. */

/** The part that a file plays. */
export type FileRole = 'proof' | 'public' | 'key';

/** Folder, role and the rest of a name, which proof, inputs and key of one proof share. */
export interface FileName {
  /** Path of the folder, without a slash at its end; empty for none. */
  readonly folder: string;
  readonly role: FileRole | undefined;
  /** What stands around the role: `3` in proof_3.json, `x` in x.proof.json, empty in proof.json. */
  readonly stem: string;
  /** Lower-case extension without the dot. */
  readonly extension: string;
}

const ROLES: readonly (readonly [FileRole, string])[] = [
  ['proof', 'proof'],
  ['public', 'public(?:[_-]?(?:inputs?|signals?|witness))?|inputs?|pub'],
  ['key', 'verification[_-]?key|verifying[_-]?key|vkey|vk'],
];

const PATTERNS = ROLES.map(([role, words]): [FileRole, RegExp] => [
  role,
  new RegExp(`^(?:(.+)[._-])?(?:${words})(?:[._-](.+)|([0-9]+))?$`, 'i'),
]);

/** Extensions of files that may hold proofs, inputs or keys, or archives of them. */
const READABLE = new Set(['json', 'ndjson', 'jsonl', 'zip', 'gz', 'bin', 'raw', 'sol', 'proof', 'vk', 'pub']);

/** Takes a file's name apart. */
export function parseFileName(name: string): FileName {
  const slash = name.lastIndexOf('/');
  const folder = slash < 0 ? '' : name.slice(0, slash);
  const base = name.slice(slash + 1);
  const dot = base.lastIndexOf('.');
  const extension = dot > 0 ? base.slice(dot + 1).toLowerCase() : '';
  // An extension may itself be the role, as in circuit.vk.
  const body = dot > 0 && !['proof', 'vk', 'pub'].includes(extension) ? base.slice(0, dot) : base;
  for (const [role, pattern] of PATTERNS) {
    const match = pattern.exec(body);
    if (match) {
      const stem = [match[1], match[2] ?? match[3]].filter((part) => part !== undefined).join('/');
      return { folder, role, stem, extension };
    }
  }
  return { folder, role: undefined, stem: body, extension };
}

/** Whether a file of this name may hold a proof or a part of one. */
export function mayHoldProofs(name: string): boolean {
  const { role, extension } = parseFileName(name);
  return role !== undefined || extension === '' || READABLE.has(extension);
}

/** The folder and those above it, nearest first, ending with the empty one. */
export function foldersUpwards(folder: string): string[] {
  const out = [folder];
  for (let path = folder; path !== ''; ) {
    path = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
    out.push(path);
  }
  return out;
}

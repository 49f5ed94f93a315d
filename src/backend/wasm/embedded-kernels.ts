/**
 * Modules that come with the package, by `curve-form`: base64 of gzip. The source tree has none and generates what it needs;
 * scripts/embed-kernels.ts replaces this file's output when the package is built.
 */
export const EMBEDDED_KERNELS: Readonly<Record<string, () => Promise<{ readonly KERNEL: string }>>> = {};

/** The version of the package, for what outlives a process. Browsers cannot read package.json; a test holds the two together. */
export const PACKAGE_VERSION = '0.1.0';

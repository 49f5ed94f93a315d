/** Loggers as snarkjs' functions take them (`logplease` and its like). */

/** What is called of a logger; console will do. Nothing secret is ever passed to it. */
export interface Logger {
  debug?(message: string): void;
  info?(message: string): void;
  error?(message: string): void;
}

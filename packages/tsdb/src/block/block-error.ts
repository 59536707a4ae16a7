const BLOCK_ERROR = "BlockError";

/**
 * The content of a block's file is not allowed by its format, or cannot be read; `offset` is the position in the file.
 */
export class BlockError extends Error {
  override readonly name = BLOCK_ERROR;
  readonly file: string;
  readonly offset: number;
  readonly reason: string;

  constructor(file: string, offset: number, reason: string, cause?: unknown) {
    super(`${file} at ${offset}: ${reason}`, cause === undefined ? {} : { cause });
    this.file = file;
    this.offset = offset;
    this.reason = reason;
  }
}

/** Is the block damaged? False if the system refused to read it, which may pass. */
export const isDamage = (error: unknown): boolean => {
  const { name, code, cause } = error as NodeJS.ErrnoException;
  return name === BLOCK_ERROR && !isPassing(code ?? (cause as NodeJS.ErrnoException | undefined)?.code);
};

/** Did a job fail because of the contents of blocks? Decoders of chunks throw errors of other kinds than BlockError. */
export const isOfContents = (error: unknown): boolean =>
  isDamage(error) || isNamed(error, ["DecodeError", "RangeError"]);

/**
 * Will the job fail at every retry of this program? True also for a bug, and for a block that would be too large.
 * Neither means that the blocks are damaged: another version, or shorter blocks, may make the job succeed.
 */
export const isLasting = (error: unknown): boolean =>
  isOfContents(error) || isNamed(error, ["BlockTooLarge", "InvariantError", "ReferenceError", "TypeError"]);

function isNamed(error: unknown, names: readonly string[]): boolean {
  const { name, code, message } = error as NodeJS.ErrnoException;
  // A failed allocation of an array may pass.
  return code === undefined && names.includes(name) && !/allocation/i.test(message);
}

/** Errors of the system that are independent of the block: too many open files, no permission, a failing disk. */
const isPassing = (code: string | undefined): boolean =>
  code !== undefined && code !== "ENOENT" && code !== "EISDIR" && code !== "ENOTDIR";

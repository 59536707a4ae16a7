const BLOCK_ERROR = "BlockError";

/** A block's file holds what its format does not allow, or cannot be read; `offset` is where in the file. */
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

/** Is the block damaged, and was it not the system that refused to read it, which may pass? */
export const isDamage = (error: unknown): boolean => {
  const { name, code, cause } = error as NodeJS.ErrnoException;
  return name === BLOCK_ERROR && !isPassing(code ?? (cause as NodeJS.ErrnoException | undefined)?.code);
};

/** Do the contents of blocks make a job fail? Decoders of chunks throw errors of other kinds than BlockError. */
export const isOfContents = (error: unknown): boolean =>
  isDamage(error) || isNamed(error, ["DecodeError", "RangeError"]);

/**
 * Does a job fail however often this program tries it? A fault of the program counts, too, and so does a block that would be
 * too large. Neither says that the blocks are damaged: another version, or one with shorter blocks, may be able to do the job.
 */
export const isLasting = (error: unknown): boolean =>
  isOfContents(error) || isNamed(error, ["BlockTooLarge", "InvariantError", "ReferenceError", "TypeError"]);

function isNamed(error: unknown, names: readonly string[]): boolean {
  const { name, code, message } = error as NodeJS.ErrnoException;
  // No room for an array may pass.
  return code === undefined && names.includes(name) && !/allocation/i.test(message);
}

/** Errors of the system that say nothing about the block: too many open files, no permission, a failing disk. */
const isPassing = (code: string | undefined): boolean =>
  code !== undefined && code !== "ENOENT" && code !== "EISDIR" && code !== "ENOTDIR";

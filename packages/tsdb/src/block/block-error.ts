const BLOCK_ERROR = "BlockError";

/** Error about a file of a block that violates the format or cannot be read. `offset` is the position in the file. */
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

/**
 * Returns whether an error means that the block is damaged. Returns false if the system refused to read it, because
 * such an error may pass.
 */
export const isDamage = (error: unknown): boolean => {
  const { name, code, cause } = error as NodeJS.ErrnoException;
  return name === BLOCK_ERROR && !isPassing(code ?? (cause as NodeJS.ErrnoException | undefined)?.code);
};

/**
 * Returns whether an error is caused by the contents of blocks. Decoders of chunks also throw errors of other classes
 * than BlockError.
 */
export const isOfContents = (error: unknown): boolean =>
  isDamage(error) || isNamed(error, ["DecodeError", "RangeError"]);

/**
 * Returns whether a failed job (such as a compaction) will fail at every retry of this program. This is also true of a
 * bug, and of a block that would be too large. Neither means that the blocks are damaged: another version, or shorter
 * blocks, may make the job succeed.
 */
export const isLasting = (error: unknown): boolean =>
  isOfContents(error) || isNamed(error, ["BlockTooLarge", "InvariantError", "ReferenceError", "TypeError"]);

function isNamed(error: unknown, names: readonly string[]): boolean {
  const { name, code, message } = error as NodeJS.ErrnoException;
  // The failed allocation of an array is a RangeError, too, but a retry may succeed.
  return code === undefined && names.includes(name) && !/allocation/i.test(message);
}

/**
 * Returns whether an error code of the system does not depend on the block: too many open files, no permission, a
 * failing disk.
 */
const isPassing = (code: string | undefined): boolean =>
  code !== undefined && code !== "ENOENT" && code !== "EISDIR" && code !== "ENOTDIR";

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
 * Returns whether an error means that the block is damaged. Returns false if the operating system refused the read,
 * because a later read may succeed.
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
 * Returns whether every retry of a failed job (such as a compaction) would fail. The cause is a damaged block, a bug,
 * or a new block that would be too large. After a bug or a block that is too large, the source blocks are not damaged.
 */
export const isLasting = (error: unknown): boolean =>
  isOfContents(error) || isNamed(error, ["BlockTooLarge", "InvariantError", "ReferenceError", "TypeError"]);

function isNamed(error: unknown, names: readonly string[]): boolean {
  const { name, code, message } = error as NodeJS.ErrnoException;
  // A failed memory allocation is also a RangeError, but a retry may succeed.
  return code === undefined && names.includes(name) && !/allocation/i.test(message);
}

/**
 * Returns whether an error code of the system has a cause outside the block, such as too many open files, no permission
 * or a failing disk.
 */
const isPassing = (code: string | undefined): boolean =>
  code !== undefined && code !== "ENOENT" && code !== "EISDIR" && code !== "ENOTDIR";

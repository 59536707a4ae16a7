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

/**
 * Is it the contents of blocks that a job fails on, however often it is tried? Decoders of chunks throw errors of other
 * kinds than BlockError.
 */
export function isOfContents(error: unknown): boolean {
  if (isDamage(error)) return true;
  const { name, code, message } = error as NodeJS.ErrnoException;
  // No room for an array may pass.
  return code === undefined && CONTENT_ERRORS.has(name) && !/allocation/i.test(message);
}

const CONTENT_ERRORS: ReadonlySet<string> = new Set(["DecodeError", "InvariantError", "RangeError", "TypeError"]);

/** Errors of the system that say nothing about the block: too many open files, no permission, a failing disk. */
const isPassing = (code: string | undefined): boolean =>
  code !== undefined && code !== "ENOENT" && code !== "EISDIR" && code !== "ENOTDIR";

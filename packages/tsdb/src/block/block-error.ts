/** A block's file holds what its format does not allow, or cannot be read; `offset` is where in the file. */
export class BlockError extends Error {
  override readonly name = "BlockError";
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

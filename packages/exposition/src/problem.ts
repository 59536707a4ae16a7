/** An exposition that breaks its format. The message is what Prometheus says; `offset` is where in the body. */
export class ExpositionError extends Error {
  override readonly name = "ExpositionError";
  /** Byte offset of the entry at fault. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Error for an exposition that violates its format. The message is the same as in Prometheus. */
export class ExpositionError extends Error {
  override readonly name = "ExpositionError";
  /** Byte offset of the invalid entry in the exposition. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

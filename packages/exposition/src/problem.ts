/** An exposition violates its format. The message is that of Prometheus. */
export class ExpositionError extends Error {
  override readonly name = "ExpositionError";
  /** Byte offset of the invalid entry. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

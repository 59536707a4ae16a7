/** Error for a remote write or OTLP message that is refused as a whole, because it is invalid or too large. */
export class MessageError extends Error {
  override readonly name = "MessageError";
  /** HTTP status of the response: 413 for a message that is too large or has too much content, otherwise 400. */
  readonly status: 400 | 413;

  constructor(status: 400 | 413, message: string) {
    super(message);
    this.status = status;
  }
}

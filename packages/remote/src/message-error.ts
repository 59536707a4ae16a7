/** Error that a whole message of a sender is refused, because the message is invalid or too large. */
export class MessageError extends Error {
  override readonly name = "MessageError";
  /** HTTP status of the refusal: 400, or 413 for a message that is too large or has too much content. */
  readonly status: 400 | 413;

  constructor(status: 400 | 413, message: string) {
    super(message);
    this.status = status;
  }
}

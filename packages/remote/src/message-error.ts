/** A message that is refused completely, before or while it is read, because of an error of the sender. */
export class MessageError extends Error {
  override readonly name = "MessageError";
  /** 400, or 413 for a message that is too large or has too much content. */
  readonly status: 400 | 413;

  constructor(status: 400 | 413, message: string) {
    super(message);
    this.status = status;
  }
}

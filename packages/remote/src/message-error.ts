/** A message that is refused as a whole before it is read, or as far as it was read: the sender's fault. */
export class MessageError extends Error {
  override readonly name = "MessageError";
  /** 400, or 413 for a message that is too large or unfolds to too much. */
  readonly status: 400 | 413;

  constructor(status: 400 | 413, message: string) {
    super(message);
    this.status = status;
  }
}

/** A body that cannot be unpacked: the sender's fault. */
export class UnpackError extends Error {
  override readonly name = "UnpackError";
  /** 400, or 413 for a message that is too large. */
  readonly status: 400 | 413;

  constructor(status: 400 | 413, message: string) {
    super(message);
    this.status = status;
  }
}

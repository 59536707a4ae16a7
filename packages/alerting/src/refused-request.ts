/** Thrown if a client's request is refused. The body of the response is the error's message. */
export class RefusedRequest extends Error {
  override readonly name: string = "RefusedRequest";
  /** HTTP status of the response. */
  readonly status: 400 | 404 | 409 | 500 | 503;

  constructor(message: string, status: 400 | 404 | 409 | 500 | 503 = 400) {
    super(message);
    this.status = status;
  }
}

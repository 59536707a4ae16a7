/** A request the API framework refuses before any handler sees it: `{"code":602,"message":"…"}`. */
export class ApiFault extends Error {
  override readonly name = "ApiFault";
  readonly statusCode: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.statusCode = status;
    this.code = code;
  }
}

/** A refusal by a handler: the body is the message as a JSON string. */
export class HandlerError extends Error {
  override readonly name = "HandlerError";
  readonly statusCode: number;

  constructor(status: number, message: string) {
    super(message);
    this.statusCode = status;
  }
}

/** 422 for a value that is missing. */
export const required = (place: string): ApiFault => new ApiFault(422, 602, `${place} in body is required`);

/** 422 for a value of the wrong kind. */
export const wrongKind = (place: string, kind: string, value: unknown): ApiFault =>
  new ApiFault(422, 601, `${place} in body must be of type ${kind}: ${JSON.stringify(value)}`);

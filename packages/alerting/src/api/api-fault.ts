import { quote } from "@narthex/model";

/** A request the API framework refuses before any handler sees it: `{"code":602,"message":"…"}`. */
export class ApiFault extends Error {
  override readonly name = "ApiFault";
  readonly statusCode: number;
  readonly code: number;
  /** Methods of the path, if the request's is not one of them. */
  readonly allow: string | undefined;

  constructor(status: number, code: number, message: string, allow?: string) {
    super(message);
    this.statusCode = status;
    this.code = code;
    this.allow = allow;
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
export const wrongKind = (place: string, kind: string, value: string): ApiFault =>
  new ApiFault(422, 601, `${place} in body must be of type ${kind}: ${quote(value)}`);

/** 400 for a body that is not the expected JSON; `name` is the parameter's. */
export const badBody = (name: string, reason: string): ApiFault =>
  new ApiFault(400, 400, `parsing ${name} body from "" failed, because ${reason}`);

import { quote } from "@narthex/model";
import { RefusedRequest } from "../refused-request.ts";

/**
 * A request that Alertmanager's API framework refuses before a handler is called. The body is
 * `{"code":602,"message":"…"}`.
 */
export class ApiFault extends Error {
  override readonly name = "ApiFault";
  readonly statusCode: number;
  readonly code: number;
  /** HTTP methods that the path allows. Set only if the request was refused because of its method. */
  readonly allow: string | undefined;

  constructor(status: number, code: number, message: string, allow?: string) {
    super(message);
    this.statusCode = status;
    this.code = code;
    this.allow = allow;
  }
}

/** A request that a handler refuses. The response's body is the message as a JSON string. */
export class HandlerError extends Error {
  override readonly name = "HandlerError";
  readonly statusCode: number;

  constructor(status: number, message: string) {
    super(message);
    this.statusCode = status;
  }
}

/** Runs a part of a handler, and turns a RefusedRequest into a HandlerError with the same status and message. */
export async function refusing<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof RefusedRequest) throw new HandlerError(error.status, error.message);
    throw error;
  }
}

/** Returns the error for a required field that is missing in a request, with HTTP status 422. */
export const required = (field: string): ApiFault => new ApiFault(422, 602, `${field} in body is required`);

/** Returns the error for a field of the wrong type in a request, with HTTP status 422. */
export const wrongKind = (field: string, kind: string, value: string): ApiFault =>
  new ApiFault(422, 601, `${field} in body must be of type ${kind}: ${quote(value)}`);

/**
 * Returns the error for a request body that is not the expected JSON, with HTTP status 400.
 * @param name name of the body parameter
 */
export const badBody = (name: string, reason: string): ApiFault =>
  new ApiFault(400, 400, `parsing ${name} body from "" failed, because ${reason}`);

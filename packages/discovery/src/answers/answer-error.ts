import { maskPassword, retryAfter, ServiceError } from "@narthex/http";
import { type Clock, errorText, shortened } from "@narthex/runtime";
import { type DiscoveryResponse, statusText } from "../discovery-client.ts";

/** Error for an answer of a service that cannot be used. */
export class AnswerError extends ServiceError {
  override readonly name = "AnswerError";
}

/** Maximum number of characters of a service's own message in an error. */
const MAX_MESSAGE = 200;

/** Returns the error for an HTTP status that is not expected: with the service's message, and its `Retry-After`. */
export function statusError(url: string, answer: DiscoveryResponse, clock: Clock): AnswerError {
  const said = shortened(answer.text.trim().replaceAll(/\s+/gu, " "), MAX_MESSAGE);
  const message = `${maskPassword(url)} answered with HTTP status ${statusText(answer.status)}`;
  return new AnswerError(said === "" ? message : `${message}: ${said}`, {
    status: answer.status,
    retryAfterMs: retryAfter(answer.headers["retry-after"], clock.now()) ?? 0,
  });
}

/**
 * Returns an error whose message begins with what failed. The status and `Retry-After` of the cause are kept, because
 * the next refresh obeys them.
 */
export function failureOf(what: string, cause: unknown): AnswerError {
  const { status, retryAfterMs } = cause instanceof ServiceError ? cause : { status: 0, retryAfterMs: 0 };
  return new AnswerError(`${what}: ${errorText(cause)}`, { status, retryAfterMs, cause });
}

const UNAUTHORIZED = 401;
const TOO_MANY_REQUESTS = 429;

/**
 * Returns whether the error of a request for one item would hit the requests for other items as well: the service cannot
 * be reached, is overloaded, or refuses the credentials. Then the item must not be skipped, because most items could be
 * missing in the result.
 */
export const concernsAllItems = (error: unknown): boolean =>
  !(error instanceof AnswerError) ||
  error.status === UNAUTHORIZED ||
  error.status === TOO_MANY_REQUESTS ||
  error.status >= 500;

/** Runs a step. If the step fails, rejects with failureOf() the step. */
export async function during<T>(what: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    throw failureOf(what, cause);
  }
}

import { QueryFailure } from "../query-failure.ts";

/** Reports whether an HTTP status means that the data source refuses the credentials. */
export const isUnauthorized = (status: number): boolean => status === 401 || status === 403;

/**
 * Error for an answer with status 401 or 403 from the data source. The error has status 400, because a browser would ask
 * for a password if this server answered 401.
 */
export const unauthorized = (): QueryFailure => new QueryFailure(400, "Authentication to data source failed");

/**
 * Converts the HTTP status with which the data source's server answered to the status with which this server answers
 * its client.
 */
export function statusOfAnswer(status: number): number {
  if (status === 422 || status === 504) return status;
  return status >= 400 && status < 500 ? 400 : 502;
}

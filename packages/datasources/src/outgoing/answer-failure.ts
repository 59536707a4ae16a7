import { QueryFailure } from "../query-failure.ts";
import type { SourceResponse } from "./source-client.ts";

/** Largest part of an error's body that is read, in bytes. */
const MAX_ERROR_BYTES = 64 * 1024;
/** Number of characters of a server's text that an error message shows. */
const SHOWN_CHARS = 1000;

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

/** Reads the beginning of the body of an error. */
export async function errorText({ body }: SourceResponse): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body) {
    pieces.push(Uint8Array.from(piece.subarray(0, MAX_ERROR_BYTES - bytes)));
    if ((bytes += piece.length) >= MAX_ERROR_BYTES) break;
  }
  return Buffer.concat(pieces).toString();
}

/** Returns the beginning of a server's text, on one line. */
export const shownText = (text: string): string => text.replaceAll(/\s+/g, " ").trim().slice(0, SHOWN_CHARS);

import { ApiError } from "../../api/request.ts";

/** Maximum pause between two attempts, ms. */
const MAX_MS = 5000;

/**
 * Query options for data without which a page cannot open. The request is retried until the server sends the data or
 * refuses it.
 */
export const openingRetry = {
  retry: (_tries: number, error: unknown): boolean => isRetryable(error),
  retryDelay: (tries: number): number => Math.min(MAX_MS, 250 * 2 ** tries),
};

/** Reports whether a repeated request may succeed: the server did not respond, or failed with a 5xx status. */
export const isRetryable = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 0 || error.status >= 500);

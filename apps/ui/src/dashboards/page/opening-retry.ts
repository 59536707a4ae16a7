import { ApiError } from "../../api/request.ts";

/** Maximum pause between two attempts, ms. */
const MAX_MS = 5000;

/**
 * Options of a query whose page cannot show anything without its result. The query is repeated as long as the server
 * may recover.
 */
export const openingRetry = {
  retry: (_tries: number, error: unknown): boolean => mayComeBack(error),
  retryDelay: (tries: number): number => Math.min(MAX_MS, 250 * 2 ** tries),
};

/** Reports whether the server did not respond or failed. A refused request is not repeated. */
export const mayComeBack = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 0 || error.status >= 500);

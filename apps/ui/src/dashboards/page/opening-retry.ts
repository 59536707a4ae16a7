import { ApiError } from "../../api/request.ts";

/** The longest pause between two tries, ms. */
const MOST_MS = 5000;

/** Options of a query whose page has nothing to show before it: it is asked again for as long as the role may come back. */
export const openingRetry = {
  retry: (_tries: number, error: unknown): boolean => mayComeBack(error),
  retryDelay: (tries: number): number => Math.min(MOST_MS, 250 * 2 ** tries),
};

/** Did the role not answer, or fail? What it refuses stays refused. */
export const mayComeBack = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 0 || error.status >= 500);

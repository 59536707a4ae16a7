import { InvariantError } from "./invariant.ts";
import type { LogFields, Logger } from "./logger.ts";

/**
 * Reports an error that makes one unit of work fail. If the error is a broken invariant, throws the error again, which
 * ends the process.
 */
export type ReportError = (error: unknown, fields?: LogFields) => void;

/**
 * Reports whether an error has a type that usually indicates a programming mistake. In Intl, URL and BigInt, invalid
 * input also causes these types.
 */
export const isProgramFault = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;

/**
 * Counts and logs unexpected errors. An unexpected error makes one unit of work fail: a scrape, an evaluation of a rule
 * group, a notification, or a message of remote write. The caller decides whether to retry.
 */
export class InternalErrors {
  readonly #counts = new Map<string, number>();

  /** Number of errors by component; components without errors are omitted. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** Adds errors that another thread has counted. */
  add(component: string, count: number): void {
    if (count > 0) this.#counts.set(component, (this.#counts.get(component) ?? 0) + count);
  }

  /**
   * Returns a function that reports errors of one component.
   * @param component the kind of unit, as in the metric's label
   */
  reporter(component: string, logger: Logger): ReportError {
    return (error, fields = {}) => {
      if (error instanceof InvariantError) throw error;
      this.add(component, 1);
      const stack = error instanceof Error ? error.stack : undefined;
      logger.error("Internal error, please report it", { component, ...fields, err: error, stack });
    };
  }
}

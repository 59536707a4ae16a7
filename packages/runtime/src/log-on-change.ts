import type { LogFields, Logger } from "./logger.ts";

/** Logs only changes of state. A failure that lasts for an hour causes two log lines instead of thousands. */
export interface StateLog {
  /** Reports a failure. Logs it if the subject worked before or failed for another reason. */
  failed(reason: string, fields?: LogFields): void;
  /** Reports success. Logs it if the subject failed before. */
  succeeded(fields?: LogFields): void;
}

/**
 * Returns a log of one subject's state.
 * @param subject start of both messages: "<subject> failed", "<subject> works again"
 */
export function logOnChange(logger: Logger, subject: string): StateLog {
  let reason: string | undefined;
  return {
    failed(next, fields = {}) {
      if (next === reason) return;
      reason = next;
      logger.warn(`${subject} failed`, { ...fields, err: next });
    },
    succeeded(fields = {}) {
      if (reason === undefined) return;
      reason = undefined;
      logger.info(`${subject} works again`, fields);
    },
  };
}

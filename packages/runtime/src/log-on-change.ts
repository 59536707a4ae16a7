import type { LogFields, Logger } from "./logger.ts";

/** Says something once per change of state, so that a fault that lasts an hour is two lines and not a thousand. */
export interface StateLog {
  /** The thing fails, for this reason; logs when it worked before or failed for another reason. */
  failed(reason: string, fields?: LogFields): void;
  /** The thing works; logs when it failed before. */
  worked(fields?: LogFields): void;
}

/** @param subject begins both sentences: "<subject> failed", "<subject> works again" */
export function logOnChange(logger: Logger, subject: string): StateLog {
  let reason: string | undefined;
  return {
    failed(next, fields = {}) {
      if (next === reason) return;
      reason = next;
      logger.warn(`${subject} failed`, { ...fields, err: next });
    },
    worked(fields = {}) {
      if (reason === undefined) return;
      reason = undefined;
      logger.info(`${subject} works again`, fields);
    },
  };
}

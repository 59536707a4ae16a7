import type { Logger } from "@narthex/runtime";

/** Ends of the messages of logOnChange(), with which discovery reports that a service fails and works again. */
const FAILED = " failed";
const WORKS_AGAIN = " works again";

/** Follows in the log which services of discovery fail at the moment. Other warnings are no failures. */
export class FailingStates {
  readonly #failing = new Set<string>();

  /** Whether at least one service fails. */
  get hasAny(): boolean {
    return this.#failing.size > 0;
  }

  /** Returns a logger that passes all lines on. */
  logger(to: Logger, scope = ""): Logger {
    const note = (message: string): void => {
      if (message.endsWith(FAILED)) this.#failing.add(scope + message.slice(0, -FAILED.length));
      if (message.endsWith(WORKS_AGAIN)) this.#failing.delete(scope + message.slice(0, -WORKS_AGAIN.length));
    };
    return {
      debug: (message, fields) => to.debug(message, fields),
      info(message, fields) {
        note(message);
        to.info(message, fields);
      },
      warn(message, fields) {
        note(message);
        to.warn(message, fields);
      },
      error: (message, fields) => to.error(message, fields),
      child: (fields) => this.logger(to.child(fields), scope + JSON.stringify(fields)),
    };
  }
}

import { appendFile } from "node:fs/promises";
import { type Clock, type Logger, logOnChange, type StateLog } from "@narthex/runtime";

/** Maximum number of lines that wait to be written. Further lines are dropped to save memory. */
const MAX_WAITING = 10_000;

/** Writes scrape_failure_log_file, a file with a line of JSON for each failed scrape. */
export class FailureLog {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #state: StateLog;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;

  constructor(path: string, clock: Clock, logger: Logger) {
    this.#path = path;
    this.#clock = clock;
    this.#state = logOnChange(logger, `Writing the scrape failure log ${path}`);
  }

  write(message: string, job: string, target: string): void {
    if (this.#waiting.length >= MAX_WAITING) return;
    const time = new Date(this.#clock.now()).toISOString();
    const line = { time, level: "ERROR", msg: message, job_name: job, target };
    this.#waiting.push(`${JSON.stringify(line)}\n`);
    this.#writing ??= this.#drain();
  }

  /** Resolves when all lines are written to the file. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting.splice(0).join("");
      try {
        await appendFile(this.#path, lines);
        this.#state.succeeded();
      } catch (error) {
        this.#state.failed(error instanceof Error ? error.message : String(error));
      }
    }
    this.#writing = undefined;
  }
}

import { appendFile } from "node:fs/promises";
import { type Logger, logOnChange, type StateLog } from "@narthex/runtime";

/** Maximum total size of the lines that wait to be written to disk, in characters. */
const MAX_WAITING = 4 * 1024 * 1024;

/**
 * A file to which the audit log is also appended. The file is opened for each batch of lines, so that another program
 * may rotate it at any time. If the disk fails, the lines are lost and counted, and the failure is logged; the server
 * continues.
 */
export class AuditFile {
  readonly #path: string;
  readonly #log: StateLog;
  #waiting: string[] = [];
  #size = 0;
  #running: Promise<void> | undefined;
  #lost = 0;

  constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#log = logOnChange(logger, "Writing the file of the audit log");
  }

  /** Number of lines that could not be written. */
  get lost(): number {
    return this.#lost;
  }

  append(lines: readonly string[]): void {
    const text = lines.map((line) => `${line}\n`).join("");
    if (this.#size + text.length > MAX_WAITING) {
      this.#lost += lines.length;
      this.#log.failed("the disk is too slow", { file: this.#path });
      return;
    }
    this.#waiting.push(text);
    this.#size += text.length;
    this.#running ??= this.#write();
  }

  /** Resolves when all lines are written or lost. */
  async flush(): Promise<void> {
    await this.#running;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const text = this.#waiting.join("");
      this.#waiting = [];
      this.#size = 0;
      try {
        await appendFile(this.#path, text, { mode: 0o600 });
        this.#log.succeeded({ file: this.#path });
      } catch (error) {
        this.#lost += text.split("\n").length - 1;
        this.#log.failed((error as Error).message, { file: this.#path });
      }
    }
    this.#running = undefined;
  }
}

import { readFileSync, statSync } from "node:fs";
import type { Clock } from "./clock.ts";

/**
 * Returns a file's text. Throws Node's error if the file cannot be read. In both cases, the file is checked for changes
 * from then on.
 */
export type ReadText = (path: string) => string;

export interface FileBackedOptions<T> {
  /** Creates the value from the files that it reads through `read`. */
  readonly make: (read: ReadText) => T;
  /** Reports whether an error of make() was caused by the files. Other errors are thrown. */
  readonly isRefusal: (error: Error) => boolean;
  readonly clock: Clock;
  /** Called once for each change of the files that make() refuses. The last valid value stays in use. */
  readonly onRefused?: (error: Error) => void;
  /** Called when a value made from changed files replaces the previous value. */
  readonly onChanged?: (value: T) => void;
}

/** State of a file when it was read. */
interface Seen {
  readonly path: string;
  readonly stamp: string;
  /** Text of the file. Undefined if it could not be read. */
  readonly text: string | undefined;
  /** True if the file was unchanged for long enough that any later change changes its time stamp. */
  isSettled: boolean;
}

/**
 * Time in ms for which a file must be unchanged before its time stamp is trusted. A change within this time might leave
 * the time stamp unchanged, because file system times have a limited resolution.
 */
const SETTLED_MS = 100;

/**
 * A value that is made from files. `current()` returns the value of their current content. While nothing has changed, a
 * call only checks the time and size of each file.
 */
export class FileBacked<T> {
  readonly #options: FileBackedOptions<T>;
  #seen: Seen[] = [];
  #current: T;
  #refusal: Error | undefined;
  #refusals = 0;

  /** Creates the first value. Throws the errors of make(). */
  constructor(options: FileBackedOptions<T>) {
    this.#options = options;
    this.#current = this.#make();
  }

  /** Number of changes of the files, since the start, that make() refused. */
  get refusals(): number {
    return this.#refusals;
  }

  /** Reason why the current content of the files is not in use. Undefined if the content is in use. */
  get refusal(): Error | undefined {
    return this.#refusal;
  }

  current(): T {
    if (!this.#seen.some((file) => this.#hasChanged(file))) return this.#current;
    try {
      this.#current = this.#make();
    } catch (error) {
      if (!(error instanceof Error) || !this.#options.isRefusal(error)) throw error;
      this.#refusal = error;
      this.#refusals++;
      this.#options.onRefused?.(error);
      return this.#current;
    }
    this.#refusal = undefined;
    this.#options.onChanged?.(this.#current);
    return this.#current;
  }

  #make(): T {
    const seen: Seen[] = [];
    this.#seen = seen;
    return this.#options.make((path) => {
      const { stamp, changedAtMs } = stampOf(path);
      const file = { path, stamp, text: undefined as string | undefined, isSettled: this.#isSettled(changedAtMs) };
      seen.push(file);
      file.text = readFileSync(path, "utf8");
      return file.text;
    });
  }

  #hasChanged(file: Seen): boolean {
    const { stamp, changedAtMs } = stampOf(file.path);
    if (stamp !== file.stamp) return true;
    if (file.isSettled) return false;
    file.isSettled = this.#isSettled(changedAtMs);
    return textOf(file.path) !== file.text;
  }

  #isSettled(changedAtMs: number): boolean {
    return Math.abs(this.#options.clock.now() - changedAtMs) > SETTLED_MS;
  }
}

function stampOf(path: string): { readonly stamp: string; readonly changedAtMs: number } {
  try {
    const { mtimeMs, ctimeMs, size, ino } = statSync(path);
    return { stamp: `${mtimeMs}/${ctimeMs}/${size}/${ino}`, changedAtMs: Math.max(mtimeMs, ctimeMs) };
  } catch (error) {
    return { stamp: (error as NodeJS.ErrnoException).code ?? "unknown", changedAtMs: -Infinity };
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

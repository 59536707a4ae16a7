import { readFileSync, statSync } from "node:fs";
import type { Clock } from "./clock.ts";

/** Reads a file's text. Throws Node's error if it cannot. The file is then watched. */
export type ReadText = (path: string) => string;

export interface FileBackedOptions<T> {
  /** Creates the value from the files that it reads through `read`. */
  readonly make: (read: ReadText) => T;
  /** Reports whether the files caused this error of make(). Others are thrown on. */
  readonly isRefusal: (error: Error) => boolean;
  readonly clock: Clock;
  /** Called once per change that cannot be used; the last valid value stays in force. */
  readonly onRefused?: (error: Error) => void;
  /** Called when a later change is in force. */
  readonly onChanged?: (value: T) => void;
}

/** State of a file when it was read. */
interface Seen {
  readonly path: string;
  readonly stamp: string;
  /** Undefined if the file could not be read. */
  readonly text: string | undefined;
  /** True if the file was unchanged for long enough that any later change changes its time stamp. */
  isSettled: boolean;
}

/** Longer than the resolution of file system times, ms. */
const SETTLED_MS = 100;

/**
 * A value made from files. Each reader gets the value of their current content. While nothing has changed, this costs
 * only a check of each file's time and size.
 */
export class FileBacked<T> {
  readonly #options: FileBackedOptions<T>;
  #seen: Seen[] = [];
  #current: T;
  #refusal: Error | undefined;
  #refusals = 0;

  /** Throws the errors of make(). */
  constructor(options: FileBackedOptions<T>) {
    this.#options = options;
    this.#current = this.#make();
  }

  /** Number of changes since the start that could not be used. */
  get refusals(): number {
    return this.#refusals;
  }

  /** Reason why the current files are not in force. */
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

import { readFileSync, statSync } from "node:fs";
import type { Clock } from "./clock.ts";

/** Reads a file's text; throws Node's error if it cannot. What is read by it is watched. */
export type ReadText = (path: string) => string;

export interface FileBackedOptions<T> {
  /** Makes the value of the files that it reads through `read`. */
  readonly make: (read: ReadText) => T;
  /** Is this error of make() the files' fault? Others are thrown on. */
  readonly isRefusal: (error: Error) => boolean;
  readonly clock: Clock;
  /** A later change cannot be used, once per change; the last good value stays in force. */
  readonly onRefused?: (error: Error) => void;
  /** A later change is in force. */
  readonly onChanged?: (value: T) => void;
}

/** What a file was like when it was read. */
interface Seen {
  readonly path: string;
  readonly stamp: string;
  /** Undefined if it could not be read. */
  readonly text: string | undefined;
  /** Had it stood still for long enough that any later change shows in its stamp? */
  isSettled: boolean;
}

/** Longer than the steps in which file systems count time, ms. */
const SETTLED_MS = 100;

/**
 * A value made of files. Whoever asks for it gets what the files say at that moment; as long as nothing changed that
 * costs a look at each file's time and size.
 */
export class FileBacked<T> {
  readonly #options: FileBackedOptions<T>;
  #seen: Seen[] = [];
  #current: T;
  #refusal: Error | undefined;
  #refusals = 0;

  /** Throws what make() throws. */
  constructor(options: FileBackedOptions<T>) {
    this.#options = options;
    this.#current = this.#make();
  }

  /** Changes since the start that could not be used. */
  get refusals(): number {
    return this.#refusals;
  }

  /** Why the files as they are now are not what is in force. */
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

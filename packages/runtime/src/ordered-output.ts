import type { Writable } from "node:stream";

interface Waiting {
  readonly to: Writable;
  readonly text: string;
  readonly done: (() => void) | undefined;
}

/**
 * Writes to standard output and standard error in the order of the calls. Without this order, Node could write a later
 * text of one stream first while the other stream is full.
 */
export class OrderedOutput {
  readonly #out: Writable;
  readonly #error: Writable;
  readonly #isShared: boolean;
  readonly #waiting: Waiting[] = [];

  /** @param isShared true if one reader receives both. Separate readers do not wait for each other */
  constructor(out: Writable, error: Writable, isShared: boolean) {
    this.#out = out;
    this.#error = error;
    this.#isShared = isShared;
  }

  stdout(text: string): void {
    this.#write({ to: this.#out, text, done: undefined });
  }

  stderr(text: string): void {
    this.#write({ to: this.#error, text, done: undefined });
  }

  /** Resolves when the readers have received everything that was written so far. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      const outIsRead = (): void => this.#write({ to: this.#error, text: "", done: resolve });
      this.#write({ to: this.#out, text: "", done: outIsRead });
    });
  }

  #write(next: Waiting): void {
    if (!this.#isShared || (this.#waiting.length === 0 && this.#otherThan(next.to).writableLength === 0)) {
      next.to.write(next.text, next.done);
      return;
    }
    this.#waiting.push(next);
    if (this.#waiting.length === 1) this.#wait();
  }

  /**
   * If the first waiting text is for standard output, waits until standard error is empty, and vice versa. Then writes
   * the text.
   */
  #wait(): void {
    this.#otherThan(this.#waiting[0]!.to).write("", () => {
      const { to, text, done } = this.#waiting.shift()!;
      to.write(text, done);
      if (this.#waiting.length > 0) this.#wait();
    });
  }

  #otherThan(stream: Writable): Writable {
    return stream === this.#out ? this.#error : this.#out;
  }
}

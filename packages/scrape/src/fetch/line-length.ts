import { MAX_TEXT_BYTES } from "@narthex/exposition";
import { ScrapeError } from "./scrape-error.ts";

const LINE_FEED = 0x0a;

/**
 * Checks the length of lines in a text that is still being received, so that a line that is too long ends the scrape at
 * once.
 */
export class LineLength {
  #bytes = 0;

  /** Checks the first `count` bytes as the next part of the text. Throws ScrapeError if a line is too long. */
  take(bytes: Uint8Array, count: number): void {
    const newline = bytes.subarray(0, count).lastIndexOf(LINE_FEED);
    this.#bytes = newline < 0 ? this.#bytes + count : count - newline - 1;
    if (this.#bytes > MAX_TEXT_BYTES) {
      throw new ScrapeError(`line longer than ${MAX_TEXT_BYTES} bytes, the maximum length of a line`);
    }
  }
}

import { MAX_TEXT_BYTES } from "@narthex/exposition";
import { ScrapeError } from "./scrape-error.ts";

const LINE_FEED = 0x0a;

/** How long the last line of a text that is still coming is. A line that no reader would take ends the scrape at once. */
export class LineLength {
  #bytes = 0;

  /** The next bytes of the text: the first `count`. Throws ScrapeError. */
  take(bytes: Uint8Array, count: number): void {
    const newline = bytes.subarray(0, count).lastIndexOf(LINE_FEED);
    this.#bytes = newline < 0 ? this.#bytes + count : count - newline - 1;
    if (this.#bytes > MAX_TEXT_BYTES) {
      throw new ScrapeError(`line longer than ${MAX_TEXT_BYTES} bytes, and none is read that is`);
    }
  }
}

import { ESCAPING_SCHEMES, type EscapingScheme } from "@narthex/exposition";
import { type PageFormat, ScrapePage } from "./scrape-page.ts";

/** Largest number of cached page layouts, one for each selection of collectors. The second limit is for their bytes. */
const MAX_PAGES = 8;
const MAX_PAGE_BYTES = 32 * 1024 * 1024;

/** Returns a key for a set of collectors. The key does not depend on their order. */
export const selectionOf = (names: ReadonlySet<string> | undefined): string =>
  names === undefined ? "*" : [...names].toSorted().join(" ");

/** Cached page layouts by selection of collectors, with eviction of the least recently used layouts. */
export class Pages {
  readonly #pages = new Map<string, ScrapePage>();

  of(names: ReadonlySet<string> | undefined, escaping: EscapingScheme, format: PageFormat = "text"): ScrapePage {
    const key = `${format} ${ESCAPING_SCHEMES.indexOf(escaping)} ${selectionOf(names)}`;
    const page = this.#pages.get(key) ?? new ScrapePage(escaping, format);
    this.#pages.delete(key);
    this.#pages.set(key, page);
    return page;
  }

  /** Evicts page layouts until the cache is within its limits. Keeps the most recently used layout. */
  limit(): void {
    let bytes = 0;
    for (const page of this.#pages.values()) bytes += page.bytes;
    for (const [key, page] of this.#pages) {
      if (this.#pages.size === 1 || (this.#pages.size <= MAX_PAGES && bytes <= MAX_PAGE_BYTES)) return;
      this.#pages.delete(key);
      bytes -= page.bytes;
    }
  }
}

import { AnswerError } from "./answer-error.ts";

/** Maximum number of pages of one list. The limit ends a list whose service always names a next page. */
const MAX_PAGES = 10_000;

/** One page of a list, and the cursor of the next page: a token, a page number or a URL. */
export interface Page<T> {
  readonly items: Iterable<T>;
  /** Undefined on the last page. */
  readonly next: string | undefined;
}

/**
 * Reads a list page by page, and returns all its items. Rejects if a page fails, if the service names a page that was
 * already read, or if there are too many pages: a list without an end must not use all memory.
 * @param first cursor of the first page
 */
export async function readPages<T>(first: string, read: (cursor: string) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  const seen = new Set<string>();
  for (let cursor: string | undefined = first; cursor !== undefined;) {
    if (seen.has(cursor)) throw new AnswerError(`the list does not end: its page ${JSON.stringify(cursor)} came twice`);
    if (seen.size >= MAX_PAGES) throw new AnswerError(`the list has more than ${MAX_PAGES} pages`);
    seen.add(cursor);
    const page: Page<T> = await read(cursor);
    for (const item of page.items) items.push(item);
    cursor = page.next;
  }
  return items;
}

import type { Options, SearchOptions } from "minisearch";

/** A section as it is searched. */
export interface SearchDocument {
  /** Its address from the root of the site. */
  readonly id: string;
  readonly title: string;
  /** The title of its page; empty where it is the page. */
  readonly page: string;
  readonly text: string;
  readonly excerpt: string;
}

/** How the index is made, and read again in the browser. */
export const INDEX_OPTIONS: Options<SearchDocument> = {
  fields: ["title", "page", "text"],
  storeFields: ["title", "page", "excerpt"],
};

/** Every word is wanted, as it begins or nearly as it is written; titles count most. */
export const SEARCH_OPTIONS: SearchOptions = {
  combineWith: "AND",
  prefix: true,
  fuzzy: (word) => (word.length > 4 ? 0.2 : false),
  boost: { title: 4, page: 2 },
};

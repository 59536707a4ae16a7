import MiniSearch, { type Options, type SearchOptions, type SearchResult } from "minisearch";

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

/** What the index keeps of a section to show it. */
export type Result = Pick<SearchDocument, "id" | "title" | "page" | "excerpt">;

export type SiteIndex = MiniSearch<SearchDocument>;

const INDEX: Options<SearchDocument> = {
  fields: ["title", "page", "text"],
  storeFields: ["title", "page", "excerpt"],
};

const REFERENCE = /^(?:flags|reference|repository)\/|^licences\./;

/**
 * Every word is wanted, as it begins or nearly as it is written. Titles count most; pages count more than their parts, and what
 * tells how to do something more than a reference, which has most words.
 */
const SEARCH: SearchOptions = {
  combineWith: "AND",
  prefix: true,
  fuzzy: (word) => (word.length > 4 ? 0.2 : false),
  boost: { title: 4, page: 2 },
  boostDocument: (id, _word, kept) => (REFERENCE.test(String(id)) ? 0.5 : 1) * (kept?.["page"] === "" ? 2 : 1),
};

/** The index of sections, which becomes JSON. */
export function indexOf(documents: readonly SearchDocument[]): SiteIndex {
  const index = new MiniSearch<SearchDocument>(INDEX);
  index.addAll(documents);
  return index;
}

/** @param json of an index of the same site */
export const readIndex = (json: string): Promise<SiteIndex> => MiniSearch.loadJSONAsync(json, INDEX);

/**
 * What has all words, the best first; where nothing has, what has some. What has exactly this for a name that is no word, as
 * flags have, stands before everything else.
 */
export function search(index: SiteIndex, words: string): readonly Result[] {
  const all = index.search(words, SEARCH);
  const found = all.length > 0 ? all : index.search(words, { ...SEARCH, combineWith: "OR" });
  const name = bare(words);
  const isNamed = ({ title }: SearchResult): boolean => /\W|_/.test(words.trim()) && bare(String(title)) === name;
  return [...found.filter(isNamed), ...found.filter((result) => !isNamed(result))] as unknown as Result[];
}

/** A name without the dashes of a flag and the parentheses of a function. */
const bare = (text: string): string => text.trim().toLowerCase().replace(/^-+/, "").replace(/\(.*$/, "");

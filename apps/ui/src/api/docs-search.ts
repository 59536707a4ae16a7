import MiniSearch, { type Options, type SearchOptions, type SearchResult } from "minisearch";

export interface SearchDocument {
  /** Address of the section, relative to the root of the site. */
  readonly id: string;
  readonly title: string;
  /** Title of the section's page. Empty if the section represents the page itself. */
  readonly page: string;
  readonly text: string;
  readonly excerpt: string;
}

/** The fields that are stored in the index, because search results show them. */
export type Result = Pick<SearchDocument, "id" | "title" | "page" | "excerpt">;

export type SiteIndex = MiniSearch<SearchDocument>;

const INDEX: Options<SearchDocument> = {
  fields: ["title", "page", "text"],
  storeFields: ["title", "page", "excerpt"],
};

const REFERENCE = /^(?:flags|reference|repository|runbooks)\/|^licences\./;

/**
 * Search options: all words must match, as prefixes or with small typos. Titles have the highest weight, pages have
 * more weight than sections, and guides more than reference pages and runbooks.
 */
const SEARCH: SearchOptions = {
  combineWith: "AND",
  prefix: true,
  fuzzy: (word) => (word.length > 4 ? 0.2 : false),
  boost: { title: 4, page: 2 },
  boostDocument: (id, _word, kept) => (REFERENCE.test(String(id)) ? 0.5 : 1) * (kept?.["page"] === "" ? 2 : 1),
};

/** Returns the index of sections, which can be converted to JSON. */
export function indexOf(documents: readonly SearchDocument[]): SiteIndex {
  const index = new MiniSearch<SearchDocument>(INDEX);
  index.addAll(documents);
  return index;
}

/**
 * Reads an index from its JSON.
 * @param json JSON of an index that this version has written
 */
export const readIndex = (json: string): Promise<SiteIndex> => MiniSearch.loadJSONAsync(json, INDEX);

/**
 * Returns the sections that contain all words, the best first. Without such sections, returns those that contain some
 * of the words. If the text is a name with special characters, such as a flag, the section with exactly this title
 * comes first.
 */
export function search(index: SiteIndex, words: string): readonly Result[] {
  const all = index.search(words, SEARCH);
  const found = all.length > 0 ? all : index.search(words, { ...SEARCH, combineWith: "OR" });
  const name = bare(words);
  const isNamed = ({ title }: SearchResult): boolean => /\W|_/.test(words.trim()) && bare(String(title)) === name;
  return [...found.filter(isNamed), ...found.filter((result) => !isNamed(result))] as unknown as Result[];
}

/** Returns a name without the dashes of a flag and the parentheses of a function. */
const bare = (text: string): string => text.trim().toLowerCase().replace(/^-+/, "").replace(/\(.*$/, "");

import type { LabelSet } from "../format/series-name.ts";

/** Returns the text that a search examines: label names and values as displayed, and additional words. */
export function searchText(labels: LabelSet, ...words: readonly string[]): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"\n${name}=${value}`);
  return [...words, ...pairs].join("\n").toLowerCase();
}

/** Reports whether every word of a search occurs in the text; an empty search matches all. */
export function matchesSearch(text: string, search: string): boolean {
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

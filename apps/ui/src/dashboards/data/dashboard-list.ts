import { matchesSearch } from "../../shell/text-search.ts";
import type { SearchHit } from "./dashboard-api.ts";

const sortOrders = ["alpha-asc", "alpha-desc"] as const;
export type SortOrder = (typeof sortOrders)[number];

/** Filter of the list of dashboards. */
export interface ListFilter {
  readonly text: string;
  readonly tags: readonly string[];
  readonly isStarredOnly: boolean;
  readonly order: SortOrder;
}

/** A row of the list. `depth` is the number of folders that contain the row's dashboard or folder. */
export interface ListRow {
  readonly hit: SearchHit;
  readonly depth: number;
  /** Number of dashboards in a folder, including its subfolders. */
  readonly count: number;
}

/** Reports whether a filter is active. Filtered results are listed without folders. */
export const isFiltered = ({ text, tags, isStarredOnly }: ListFilter): boolean =>
  text.trim() !== "" || tags.length > 0 || isStarredOnly;

const collator = new Intl.Collator("en", { sensitivity: "base", numeric: true });

/** Sorts hits by title, in either direction. */
export function byTitle(hits: readonly SearchHit[], order: SortOrder): readonly SearchHit[] {
  const sign = order === "alpha-desc" ? -1 : 1;
  return hits.toSorted((a, b) => sign * collator.compare(a.title, b.title));
}

/**
 * Returns the dashboards and folders that match the filter. Dashboards and folders whose title starts with the searched
 * text come first.
 */
export function matchingHits(hits: readonly SearchHit[], filter: ListFilter): readonly SearchHit[] {
  const text = filter.text.trim().toLowerCase();
  const fitting = hits.filter(
    (hit) =>
      matchesSearch(`${hit.title}\n${hit.folderTitle ?? ""}\n${hit.tags.join("\n")}`.toLowerCase(), text) &&
      filter.tags.every((tag) => hit.tags.includes(tag)) &&
      (!filter.isStarredOnly || hit.isStarred),
  );
  const sorted = byTitle(fitting, filter.order);
  if (text === "") return sorted;
  const begins = ({ title }: SearchHit): boolean => title.toLowerCase().startsWith(text);
  return [...sorted.filter(begins), ...sorted.filter((hit) => !begins(hit))];
}

/**
 * Returns the rows of the folder tree, or of one folder. Subfolders come before dashboards; items whose folder is not
 * in the list are at the top level.
 */
export function folderRows(
  hits: readonly SearchHit[],
  order: SortOrder,
  isClosed: (uid: string) => boolean,
  root = "",
): readonly ListRow[] {
  const folders = new Set(hits.filter(({ type }) => type === "dash-folder").map(({ uid }) => uid));
  const inside = new Map<string, SearchHit[]>();
  for (const hit of byTitle(hits, order)) {
    const parent = hit.folderUid !== undefined && folders.has(hit.folderUid) ? hit.folderUid : "";
    const list = inside.get(parent);
    if (list === undefined) inside.set(parent, [hit]);
    else list.push(hit);
  }
  const rows: ListRow[] = [];
  const seen = new Set<string>();
  const add = (parent: string, depth: number, isShown: boolean): number => {
    // Each folder is visited once, because corrupt data may contain a cycle of folders.
    if (seen.has(parent) || depth > 100) return 0;
    seen.add(parent);
    const members = inside.get(parent) ?? [];
    const isFolder = ({ type }: SearchHit): boolean => type === "dash-folder";
    let count = 0;
    for (const hit of [...members.filter(isFolder), ...members.filter((member) => !isFolder(member))]) {
      const at = rows.length;
      if (isShown) rows.push({ hit, depth, count: 1 });
      const below = isFolder(hit) ? add(hit.uid, depth + 1, isShown && !isClosed(hit.uid)) : 1;
      if (isShown) rows[at] = { hit, depth, count: below };
      count += below;
    }
    return count;
  };
  add(root, 0, true);
  return rows;
}

/** Counts the dashboards of each tag, the most used tag first. */
export function tagCounts(hits: readonly SearchHit[]): ReadonlyArray<readonly [tag: string, count: number]> {
  const counts = new Map<string, number>();
  for (const { tags } of hits) for (const tag of new Set(tags)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts].toSorted(([a, left], [b, right]) => right - left || collator.compare(a, b));
}

/** Returns the path of a search result without the server's root path, which the router adds. */
export function routeOf(url: string, rootPath: string): string {
  const path = rootPath !== "" && url.startsWith(`${rootPath}/`) ? url.slice(rootPath.length) : url;
  return `/${path.replace(/^[/\\]+/, "")}`;
}

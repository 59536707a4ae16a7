import { useToggleSet } from "../../shell/use-toggle-set.ts";
import type { SearchHit } from "../data/dashboard-api.ts";
import { folderRows, isFiltered, type ListFilter, type ListRow, matchingHits } from "../data/dashboard-list.ts";

/** The rows of the list of dashboards. */
export interface ListedRows {
  readonly rows: readonly ListRow[];
  /** Whether a filter is active. Its results are listed without folders. */
  readonly isFiltered: boolean;
  /** Number of dashboards that match the filter, also those in closed folders. */
  readonly matching: number;
  /** Number of dashboards in the list or in the open folder. */
  readonly all: number;
  readonly isClosed: (folderUid: string) => boolean;
  readonly toggleFolder: (folderUid: string) => void;
}

const isDashboard = ({ type }: SearchHit): boolean => type === "dash-db";

/**
 * Returns the rows that match a filter, or the tree of folders.
 * @param root uid of the open folder; empty for all folders
 */
export function useListRows(hits: readonly SearchHit[], filter: ListFilter, root: string): ListedRows {
  const { has, toggle } = useToggleSet("dashboards.closedFolders");
  const all =
    root === ""
      ? hits.filter(isDashboard).length
      : folderRows(hits, filter.order, () => false, root).filter(({ hit }) => isDashboard(hit)).length;
  const common = { isClosed: has, toggleFolder: toggle };
  if (!isFiltered(filter))
    return { ...common, rows: folderRows(hits, filter.order, has, root), isFiltered: false, matching: all, all };
  const fitting = matchingHits(hits, filter).filter(isDashboard);
  const rows = fitting.map((hit) => ({ hit, depth: 0, count: 1 }));
  // A search looks in all folders, also if one is open.
  return { ...common, rows, isFiltered: true, matching: fitting.length, all: hits.filter(isDashboard).length };
}

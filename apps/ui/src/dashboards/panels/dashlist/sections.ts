import type { Params } from "../../../api/request.ts";
import type { SearchHit } from "../../page/dashboard-api.ts";
import type { DashboardListOptions } from "./options.ts";

/** A section of the list, with the parameters of its search. */
export interface Section {
  readonly heading: string;
  /** Message if the section is empty. */
  readonly empty: string;
  readonly params: Params;
  /** Whether it contains the dashboards that were opened in this browser, in that order. */
  readonly isRecent: boolean;
}

/**
 * Returns the sections that a panel's options select.
 * @param fill replaces variables in a text
 */
export function sectionsOf(options: DashboardListOptions, fill: (text: string) => string): readonly Section[] {
  const { showStarred, showRecent, showSearch, query, folder, folderId, tags } = options;
  const limit = Math.floor(options.maxItems);
  const starred: Section = {
    heading: "Starred dashboards",
    empty: "Dashboards that you star appear here.",
    params: { starred: "true", limit },
    isRecent: false,
  };
  const recent: Section = {
    heading: "Recently viewed dashboards",
    empty: "Dashboards that you open appear here.",
    params: { limit },
    isRecent: true,
  };
  const filledQuery = fill(query);
  const found: Section = {
    heading: "Search",
    empty: "No dashboard fits the search.",
    params: {
      limit,
      query: filledQuery === "" ? undefined : filledQuery,
      tag: tags.map(fill),
      folderUIDs: folder === "" ? undefined : folder,
      folderIds: folder === "" ? folderId : undefined,
    },
    isRecent: false,
  };
  return [...(showStarred ? [starred] : []), ...(showRecent ? [recent] : []), ...(showSearch ? [found] : [])];
}

/** Returns hits in the order of the uids; other hits are left out. */
export function inOrderOf(uids: readonly string[], hits: readonly SearchHit[], most: number): readonly SearchHit[] {
  const byUid = new Map(hits.map((hit) => [hit.uid, hit]));
  return uids.flatMap((uid) => byUid.get(uid) ?? []).slice(0, most);
}

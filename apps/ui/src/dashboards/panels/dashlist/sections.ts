import type { Params } from "../../../api/request.ts";
import type { SearchHit } from "../../data/dashboard-api.ts";
import type { DashboardListOptions } from "./options.ts";

/** A section of the panel: a heading, and the parameters of the search for its dashboards. */
export interface Section {
  readonly heading: string;
  /** Message that is shown if the section has no dashboards. */
  readonly empty: string;
  readonly params: Params;
  /** Whether the section lists the dashboards that were opened in this browser, the most recent first. */
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
    empty: "No dashboard matches the search.",
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

/** Returns the search results in the order of the given uids. Results with other uids are left out. */
export function inOrderOf(uids: readonly string[], hits: readonly SearchHit[], most: number): readonly SearchHit[] {
  const byUid = new Map(hits.map((hit) => [hit.uid, hit]));
  return uids.flatMap((uid) => byUid.get(uid) ?? []).slice(0, most);
}

import type { Params } from "../../../api/request.ts";
import type { SearchHit } from "../../page/dashboard-api.ts";
import type { DashboardListOptions } from "./options.ts";

/** A part of the list, with what the role's search is asked for. */
export interface Section {
  readonly heading: string;
  /** Says why there is nothing. */
  readonly empty: string;
  readonly params: Params;
  /** Whether it has what was opened in this browser, in that order. */
  readonly isRecent: boolean;
}

/** The parts that a panel's options ask for. @param fill fills variables in */
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

/** Hits in the order of their uids; those that are not named are left out. */
export function inOrderOf(uids: readonly string[], hits: readonly SearchHit[], most: number): readonly SearchHit[] {
  const byUid = new Map(hits.map((hit) => [hit.uid, hit]));
  return uids.flatMap((uid) => byUid.get(uid) ?? []).slice(0, most);
}

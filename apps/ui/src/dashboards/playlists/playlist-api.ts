import { rootPath } from "../../api/root-path.ts";
import { fetchJson } from "../../api/request.ts";
import type { SearchHit } from "../data/dashboard-api.ts";

/** A playlist entry: a dashboard by uid or old id, or all dashboards with a tag. */
export interface PlaylistItem {
  readonly type: "dashboard_by_uid" | "dashboard_by_tag" | "dashboard_by_id";
  readonly value: string;
  readonly title: string;
}

export interface PlaylistDraft {
  readonly name: string;
  /** Time for which each dashboard is shown: `5m`. */
  readonly interval: string;
  readonly items: readonly PlaylistItem[];
}

export interface Playlist extends PlaylistDraft {
  readonly uid: string;
}

const at = (uid: string): string => `${rootPath}/api/playlists/${encodeURIComponent(uid)}`;

export const fetchPlaylists = (signal: AbortSignal): Promise<readonly Omit<Playlist, "items">[]> =>
  fetchJson(`${rootPath}/api/playlists`, { signal });

/** @throws {ApiError} with status 404 if there is no such playlist */
export const fetchPlaylist = (uid: string, signal: AbortSignal): Promise<Playlist> => fetchJson(at(uid), { signal });

/**
 * Creates or changes a playlist.
 * @throws {ApiError}
 */
export const savePlaylist = (uid: string | undefined, draft: PlaylistDraft): Promise<Playlist> =>
  fetchJson(uid === undefined ? `${rootPath}/api/playlists` : at(uid), {
    method: uid === undefined ? "POST" : "PUT",
    json: draft,
  });

export const deletePlaylist = (uid: string): Promise<unknown> => fetchJson(at(uid), { method: "DELETE" });

/** Returns the dashboards of a playlist in the order of its entries. Entries of deleted dashboards are ignored. */
export function dashboardsOf(items: readonly PlaylistItem[], hits: readonly SearchHit[]): readonly SearchHit[] {
  const dashboards = hits.filter(({ type }) => type === "dash-db");
  return items.flatMap(({ type, value }) =>
    dashboards.filter((hit) =>
      type === "dashboard_by_tag"
        ? hit.tags.includes(value)
        : type === "dashboard_by_uid"
          ? hit.uid === value
          : String((hit as { readonly id?: number }).id) === value,
    ),
  );
}

export const playlistsKey = ["playlists"] as const;

import { rootPath } from "../../api/root-path.ts";
import { callBare } from "../../api/request.ts";
import type { SearchHit } from "../page/dashboard-api.ts";

/** A dashboard of a playlist, by its uid or its old id, or all that have a tag. */
export interface PlaylistItem {
  readonly type: "dashboard_by_uid" | "dashboard_by_tag" | "dashboard_by_id";
  readonly value: string;
  readonly title: string;
}

/** What a reader writes of a playlist. */
export interface PlaylistDraft {
  readonly name: string;
  /** How long each dashboard is shown: `5m`. */
  readonly interval: string;
  readonly items: readonly PlaylistItem[];
}

export interface Playlist extends PlaylistDraft {
  readonly uid: string;
}

const at = (uid: string): string => `${rootPath}/api/playlists/${encodeURIComponent(uid)}`;

export const fetchPlaylists = (signal: AbortSignal): Promise<readonly Omit<Playlist, "items">[]> =>
  callBare(`${rootPath}/api/playlists`, { signal });

/** @throws {ApiError} of status 404 where there is none */
export const fetchPlaylist = (uid: string, signal: AbortSignal): Promise<Playlist> => callBare(at(uid), { signal });

/** Makes a playlist, or changes one. @throws {ApiError} */
export const savePlaylist = (uid: string | undefined, draft: PlaylistDraft): Promise<Playlist> =>
  callBare(uid === undefined ? `${rootPath}/api/playlists` : at(uid), {
    method: uid === undefined ? "POST" : "PUT",
    json: draft,
  });

export const deletePlaylist = (uid: string): Promise<unknown> => callBare(at(uid), { method: "DELETE" });

/** The dashboards that a playlist shows, in its order; those that are gone are left out. */
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

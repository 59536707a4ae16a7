import type { JsonObject } from "@narthex/dashboards";
import { rootPath } from "../../api/root-path.ts";
import { fetchJson } from "../../api/request.ts";

/** Response for a new snapshot, with URLs to open and to delete it. */
export interface CreatedSnapshot {
  readonly key: string;
  readonly url: string;
  readonly deleteUrl: string;
}

/**
 * Stores a dashboard with its data.
 * @param expires seconds; 0 means never
 * @throws {ApiError}
 */
export const createSnapshot = (dashboard: JsonObject, name: string, expires: number): Promise<CreatedSnapshot> =>
  fetchJson<CreatedSnapshot>(`${rootPath}/api/snapshots`, { method: "POST", json: { dashboard, name, expires } });

/** A stored snapshot. */
export interface StoredSnapshot {
  readonly dashboard: unknown;
  readonly meta: { readonly created: string; readonly expires: string };
}

export const fetchSnapshot = (key: string, signal: AbortSignal): Promise<StoredSnapshot> =>
  fetchJson<StoredSnapshot>(`${rootPath}/api/snapshots/${encodeURIComponent(key)}`, { signal });

export interface SnapshotItem {
  readonly key: string;
  readonly name: string;
  readonly created: string;
  readonly expires: string;
}

export const fetchSnapshots = (signal: AbortSignal): Promise<readonly SnapshotItem[]> =>
  fetchJson<readonly SnapshotItem[]>(`${rootPath}/api/dashboard/snapshots`, { signal });

export const deleteSnapshot = (key: string): Promise<unknown> =>
  fetchJson(`${rootPath}/api/snapshots/${encodeURIComponent(key)}`, { method: "DELETE" });

import type { JsonObject } from "@narthex/dashboards";
import { rootPath } from "../../api/root-path.ts";
import { callBare } from "../../api/request.ts";

/** Where a snapshot that was made is, and what deletes it. */
export interface MadeSnapshot {
  readonly key: string;
  readonly url: string;
  readonly deleteUrl: string;
}

/** Keeps a dashboard with its data. @param expires seconds; 0 is never @throws {ApiError} */
export const makeSnapshot = (dashboard: JsonObject, name: string, expires: number): Promise<MadeSnapshot> =>
  callBare<MadeSnapshot>(`${rootPath}/api/snapshots`, { method: "POST", json: { dashboard, name, expires } });

/** A snapshot as its page reads it. */
export interface StoredSnapshot {
  readonly dashboard: unknown;
  readonly meta: { readonly created: string; readonly expires: string };
}

export const fetchSnapshot = (key: string, signal: AbortSignal): Promise<StoredSnapshot> =>
  callBare<StoredSnapshot>(`${rootPath}/api/snapshots/${encodeURIComponent(key)}`, { signal });

/** A snapshot in the list. */
export interface SnapshotItem {
  readonly key: string;
  readonly name: string;
  readonly created: string;
  readonly expires: string;
}

export const fetchSnapshots = (signal: AbortSignal): Promise<readonly SnapshotItem[]> =>
  callBare<readonly SnapshotItem[]>(`${rootPath}/api/dashboard/snapshots`, { signal });

export const deleteSnapshot = (key: string): Promise<unknown> =>
  callBare(`${rootPath}/api/snapshots/${encodeURIComponent(key)}`, { method: "DELETE" });

import type { JsonObject } from "@narthex/dashboards";
import { fetchJson } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";

export interface SaveRequest {
  readonly dashboard: JsonObject;
  /** Uid of the dashboard's folder. Empty for the root. */
  readonly folderUid: string;
  readonly message: string;
  /** Whether to overwrite a version that another user has saved since the dashboard was opened. */
  readonly overwrite: boolean;
}

export interface SavedDashboard {
  readonly id: number;
  readonly uid: string;
  readonly version: number;
  readonly folderUid: string;
  readonly url: string;
}

const dashboards = `${rootPath}/api/dashboards`;
const pathOf = (uid: string): string => `${dashboards}/uid/${encodeURIComponent(uid)}`;

/** @throws {ApiError} with status 412 if another user has saved a newer version */
export const saveDashboard = (order: SaveRequest): Promise<SavedDashboard> =>
  fetchJson<SavedDashboard>(`${dashboards}/db`, { method: "POST", json: order });

/** @throws {ApiError} */
export const deleteDashboard = (uid: string): Promise<unknown> => fetchJson(pathOf(uid), { method: "DELETE" });

export interface DashboardVersion {
  readonly version: number;
  readonly created: string;
  readonly createdBy: string;
  readonly message: string;
  readonly restoredFrom: number;
}

/**
 * Returns the versions, newest first.
 * @throws {ApiError}
 */
export async function fetchVersions(uid: string, signal: AbortSignal): Promise<readonly DashboardVersion[]> {
  const { versions } = await fetchJson<{ versions: readonly DashboardVersion[] }>(`${pathOf(uid)}/versions`, {
    signal,
  });
  return versions;
}

/** Returns the dashboard's JSON in a version. @throws {ApiError} */
export async function fetchVersion(uid: string, version: number, signal: AbortSignal): Promise<JsonObject> {
  const { data } = await fetchJson<{ data: JsonObject }>(`${pathOf(uid)}/versions/${version}`, { signal });
  return data;
}

/**
 * Restores an earlier version as a new version.
 * @throws {ApiError}
 */
export const restoreVersion = (uid: string, version: number): Promise<SavedDashboard> =>
  fetchJson<SavedDashboard>(`${pathOf(uid)}/restore`, { method: "POST", json: { version } });

import type { JsonObject } from "@narthex/dashboards";
import { callBare } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";

/** A dashboard to be saved. */
export interface SaveOrder {
  readonly dashboard: JsonObject;
  /** Empty: not in a folder. */
  readonly folderUid: string;
  readonly message: string;
  /** Whatever version is stored. */
  readonly overwrite: boolean;
}

/** What the role says of a dashboard that it has saved. */
export interface SavedDashboard {
  readonly id: number;
  readonly uid: string;
  readonly version: number;
  readonly folderUid: string;
  readonly url: string;
}

const dashboards = `${rootPath}/api/dashboards`;
const pathOf = (uid: string): string => `${dashboards}/uid/${encodeURIComponent(uid)}`;

/** @throws {ApiError} of status 412 where another version is stored than the one that was changed */
export const saveDashboard = (order: SaveOrder): Promise<SavedDashboard> =>
  callBare<SavedDashboard>(`${dashboards}/db`, { method: "POST", json: order });

/** @throws {ApiError} */
export const deleteDashboard = (uid: string): Promise<unknown> => callBare(pathOf(uid), { method: "DELETE" });

/** A version of a dashboard that the role keeps. */
export interface DashboardVersion {
  readonly version: number;
  readonly created: string;
  readonly createdBy: string;
  readonly message: string;
  readonly restoredFrom: number;
}

/** The newest first. @throws {ApiError} */
export async function fetchVersions(uid: string, signal: AbortSignal): Promise<readonly DashboardVersion[]> {
  const { versions } = await callBare<{ versions: readonly DashboardVersion[] }>(`${pathOf(uid)}/versions`, { signal });
  return versions;
}

/** A version's JSON. @throws {ApiError} */
export async function fetchVersion(uid: string, version: number, signal: AbortSignal): Promise<JsonObject> {
  const { data } = await callBare<{ data: JsonObject }>(`${pathOf(uid)}/versions/${version}`, { signal });
  return data;
}

/** Makes an earlier version the newest. @throws {ApiError} */
export const restoreVersion = (uid: string, version: number): Promise<SavedDashboard> =>
  callBare<SavedDashboard>(`${pathOf(uid)}/restore`, { method: "POST", json: { version } });

import { fetchJson } from "../../api/request.ts";
import { rootPath } from "../../api/root-path.ts";

/** A deleted dashboard or folder. */
export interface TrashedItem {
  readonly type: "dash-db" | "dash-folder";
  readonly uid: string;
  readonly title: string;
}

const pathOf = ({ type, uid }: TrashedItem): string =>
  `${rootPath}/api/${type === "dash-db" ? "dashboards/uid" : "folders"}/${encodeURIComponent(uid)}/trash`;

/**
 * Restores a dashboard or folder. The response lists the dashboards of a folder that could not be restored.
 * @param folderUid another folder for a dashboard, empty for the root; undefined for its former folder
 * @throws {ApiError} if the uid is in use again, or if the viewer may not restore into the folder
 */
export const restore = (item: TrashedItem, folderUid?: string): Promise<{ readonly notRestored?: readonly string[] }> =>
  fetchJson(pathOf(item), { method: "PATCH", json: folderUid === undefined ? {} : { folderUid } });

/** Removes a deleted dashboard permanently. */
export const deleteForever = (item: TrashedItem): Promise<unknown> => fetchJson(pathOf(item), { method: "DELETE" });

import { fetchJson } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";

/** A deleted dashboard, or a deleted folder with everything in it. */
export interface DeletedItem {
  readonly id: number;
  readonly uid: string;
  readonly title: string;
  readonly type: "dash-db" | "dash-folder";
  /** Uid of the folder that contained the dashboard; empty for none. A deleted folder has `parentUid` instead. */
  readonly folderUid?: string;
  readonly parentUid?: string;
  /** Number of dashboards in the deleted folder. */
  readonly dashboards?: number;
  readonly deleted: string;
  readonly deletedBy: string;
  readonly permanentlyDeleteDate: string;
}

/** Query cache key of the deleted dashboards and folders. */
export const deletedKey = ["deleted"] as const;

/** Returns the dashboards and folders that the viewer may restore, the last deleted one first. */
export async function fetchDeleted(signal: AbortSignal): Promise<readonly DeletedItem[]> {
  const { dashboards, folders } = await fetchJson<{
    readonly dashboards: readonly DeletedItem[];
    readonly folders: readonly DeletedItem[];
  }>(`${rootPath}/api/narthex/deleted`, { signal });
  return [...dashboards, ...folders].toSorted((a, b) => b.deleted.localeCompare(a.deleted));
}

const trash = ({ type, uid }: DeletedItem): string =>
  `${rootPath}/api/${type === "dash-db" ? "dashboards/uid" : "folders"}/${encodeURIComponent(uid)}/trash`;

/**
 * Restores a dashboard or folder. The response lists the dashboards of a folder that could not be restored.
 * @param folderUid another folder for a dashboard, empty for the root; undefined for its former folder
 * @throws {ApiError} if the uid is in use again, or if the viewer may not restore into the folder
 */
export const restore = (
  item: DeletedItem,
  folderUid: string | undefined,
): Promise<{ readonly notRestored?: readonly string[] }> =>
  fetchJson(trash(item), { method: "PATCH", json: folderUid === undefined ? {} : { folderUid } });

/** Removes a deleted dashboard permanently. */
export const deleteForever = (item: DeletedItem): Promise<unknown> => fetchJson(trash(item), { method: "DELETE" });

import { fetchJson } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";
import type { TrashedItem } from "../../data/trash.ts";

/** A deleted dashboard, or a deleted folder with everything in it. */
export interface DeletedItem extends TrashedItem {
  readonly id: number;
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

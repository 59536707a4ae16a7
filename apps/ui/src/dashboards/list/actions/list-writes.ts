import type { JsonObject } from "@narthex/dashboards";
import { type DashboardMeta, fetchDashboard, type SearchHit } from "../../data/dashboard-api.ts";
import { copyOf } from "../../edit/save/copy-of.ts";
import { deleteDashboard, saveDashboard, type SavedDashboard } from "../../edit/save/dashboard-writes.ts";

/** Requests the stored JSON of a dashboard. */
async function storedJson(uid: string): Promise<{ readonly json: JsonObject; readonly meta: DashboardMeta }> {
  const { dashboard, meta } = await fetchDashboard(uid, new AbortController().signal);
  return { json: dashboard as JsonObject, meta };
}

/** Returns a free title for a copy in the same folder: `CPU Copy`, `CPU Copy 2`. */
export function copyTitle({ title, folderUid }: SearchHit, hits: readonly SearchHit[]): string {
  const taken = new Set(hits.filter((hit) => hit.folderUid === folderUid).map((hit) => hit.title));
  const first = `${title} Copy`;
  let free = first;
  for (let number = 2; taken.has(free); number++) free = `${first} ${number}`;
  return free;
}

/**
 * Saves a copy of a dashboard in the same folder.
 * @throws {ApiError}
 */
export async function duplicateDashboard(uid: string, title: string): Promise<SavedDashboard> {
  const { json, meta } = await storedJson(uid);
  return saveDashboard({
    dashboard: copyOf(json, title),
    folderUid: meta.folderUid ?? "",
    message: "",
    overwrite: false,
  });
}

/**
 * Moves a dashboard to a folder; an empty uid is the root.
 * @throws {ApiError} with status 412 if another user has saved the dashboard in the meantime
 */
async function moveDashboard(uid: string, folderUid: string): Promise<void> {
  const { json, meta } = await storedJson(uid);
  if ((meta.folderUid ?? "") === folderUid) return;
  await saveDashboard({ dashboard: json, folderUid, message: "Moved to another folder", overwrite: false });
}

/** The result of a change of several dashboards. */
export interface Changed {
  readonly done: readonly SearchHit[];
  readonly failed: readonly { readonly hit: SearchHit; readonly error: unknown }[];
}

/** Changes dashboards one after the other. After a failure, the other dashboards are changed nevertheless. */
async function changeEach(hits: readonly SearchHit[], change: (uid: string) => Promise<unknown>): Promise<Changed> {
  const done: SearchHit[] = [];
  const failed: Changed["failed"][number][] = [];
  for (const hit of hits) {
    try {
      await change(hit.uid);
      done.push(hit);
    } catch (error) {
      failed.push({ hit, error });
    }
  }
  return { done, failed };
}

export const moveDashboards = (hits: readonly SearchHit[], folderUid: string): Promise<Changed> =>
  changeEach(hits, (uid) => moveDashboard(uid, folderUid));

export const deleteDashboards = (hits: readonly SearchHit[]): Promise<Changed> => changeEach(hits, deleteDashboard);

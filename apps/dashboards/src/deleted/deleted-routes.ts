import type { FastifyInstance, FastifyRequest } from "fastify";
import type { VisibleTo } from "../access/visible.ts";
import { accountIdOf } from "../auth/identity.ts";
import { isAtLeast, needsPlace } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import { folderUidIn } from "../dashboards/folder-uid.ts";
import type { DashboardStore } from "../dashboards/dashboard-store.ts";
import { dashboardUrl, folderUrl } from "../dashboards/dashboard-view.ts";
import type { FolderStore } from "../folders/folder-store.ts";
import type { LibraryStore } from "../library-panels/library-store.ts";
import { Refusal, refusal } from "../web/refusal.ts";
import { type Body, isObject, pathParameter } from "../web/request-body.ts";
import { type DeletedDashboard, type DeletedFolder, type DeletedPlaces, KEEP_DELETED_MS } from "./deleted-places.ts";

export interface DeletedRoutesOptions {
  readonly context: Context;
  readonly deleted: DeletedPlaces;
  readonly dashboards: DashboardStore;
  readonly folders: FolderStore;
  readonly library: LibraryStore;
  readonly visible: VisibleTo;
}

// The right that the routes require. The level `view` is enough, because the deletion may have removed the only folder
// with the level `edit`. The routes themselves check further rights.
const READ = needsPlace("view", "dashboards:read");
const WRITE = needsPlace("view", "deleted:restore");
const DELETE = needsPlace("view", "deleted:delete");

/** Adds the routes that list and restore deleted dashboards and folders. */
export function deletedRoutes(app: FastifyInstance, options: DeletedRoutesOptions): void {
  app.get("/api/narthex/deleted", READ, async (request) => {
    const { deleted, context } = options;
    const [dashboards, folders] = [await deleted.dashboards(), await deleted.folders()];
    return {
      dashboards: dashboards.filter(isFor(request)).map((one) => dashboardItem(one, context)),
      folders: folders.filter(isFor(request)).map((one) => folderItem(one, context)),
    };
  });
  dashboardRoutes(app, options);
  folderRoutes(app, options);
}

/**
 * Returns a function that reports whether the sender may restore an item. The rights in a deleted folder no longer
 * exist, so admins may restore everything, and other accounts only what they have deleted themselves.
 */
const isFor =
  (request: FastifyRequest) =>
  ({ deletion }: DeletedDashboard | DeletedFolder): boolean =>
    isAdmin(request) || (deletion.byId > 0 && deletion.byId === accountIdOf(request));

const isAdmin = ({ principal }: FastifyRequest): boolean => isAtLeast(principal.identity, "Admin");

/**
 * Reports whether the folder with this uid is the one that existed at the time of the deletion. Always true for the
 * root.
 */
const isSameFolder = (uid: string, { deletion }: DeletedDashboard | DeletedFolder, folders: FolderStore): boolean =>
  uid === "" || (folders.byUid(uid)?.created ?? Infinity) <= deletion.at;

const timesOf = ({ deletion: { at, by } }: DeletedDashboard | DeletedFolder): object => ({
  deleted: new Date(at).toISOString(),
  deletedBy: by,
  permanentlyDeleteDate: new Date(at + KEEP_DELETED_MS).toISOString(),
});

const dashboardItem = (one: DeletedDashboard, { address }: Context): object => {
  const { id, uid, title, tags, folderUid } = one.record;
  return { id, uid, title, tags, folderUid, type: "dash-db", url: dashboardUrl(address, one.record), ...timesOf(one) };
};

const folderItem = (one: DeletedFolder, { address }: Context): object => {
  const [folder] = one.folders;
  const { id, uid, title, parentUid } = folder!;
  return {
    id,
    uid,
    title,
    parentUid,
    type: "dash-folder",
    url: folderUrl(address, folder!),
    dashboards: one.dashboardIds.length,
    ...timesOf(one),
  };
};

const bodyIn = ({ body }: FastifyRequest): Body => (isObject(body) ? body : {});

function dashboardRoutes(app: FastifyInstance, options: DeletedRoutesOptions): void {
  const { deleted, dashboards, folders, visible } = options;
  const url = "/api/dashboards/uid/:uid/trash";
  const found = async (request: FastifyRequest): Promise<DeletedDashboard> => {
    const uid = pathParameter(request, "uid");
    const one = (await deleted.dashboards()).filter(isFor(request)).find(({ record }) => record.uid === uid);
    if (one === undefined) throw refusal(404, "Dashboard not found");
    return one;
  };
  app.patch(url, WRITE, async (request) => {
    const one = await found(request);
    const body = bodyIn(request);
    const isSame = isSameFolder(one.record.folderUid, one, folders);
    const isChosen = Object.hasOwn(body, "folderUid");
    const folderUid = isChosen ? folderUidIn(body, folders) : isSame ? one.record.folderUid : "";
    const seen = visible(request);
    seen.checkFolder("edit", folderUid);
    // Only admins may restore into a different folder. The rights in the removed folder are unknown, and another folder
    // could give the user more rights.
    if (!isAdmin(request) && (!isSame || folderUid !== one.record.folderUid)) throw seen.denied("dashboards");
    const { title, uid } = await dashboards.restore(one, folderUid, !isSame && !isChosen);
    return { title, message: `Dashboard ${title} restored`, uid };
  });
  app.delete(url, DELETE, async (request) => {
    const { record } = await found(request);
    if (!isAdmin(request)) throw visible(request).denied("dashboards");
    await dashboards.forget(record);
    const { title, uid } = record;
    return { title, message: `Dashboard ${title} deleted`, uid };
  });
}

function folderRoutes(app: FastifyInstance, options: DeletedRoutesOptions): void {
  const { deleted, folders, library, visible } = options;
  app.patch("/api/folders/:uid/trash", WRITE, async (request) => {
    const uid = pathParameter(request, "uid");
    const one = (await deleted.folders()).filter(isFor(request)).find((folder) => folder.folders[0]!.uid === uid);
    if (one === undefined) throw refusal(404, "folder not found");
    const { parentUid, title } = one.folders[0]!;
    const isSame = isSameFolder(parentUid, one, folders);
    const seen = visible(request);
    seen.checkFolder("edit", isSame ? parentUid : "");
    if (!isSame && !isAdmin(request)) throw seen.denied("folders");
    await folders.restore(one.folders, isSame);
    const taken = [
      ...(await library.restore(await deleted.elementsOf(one))).map((element) => element.uid),
      ...(await restoreDashboards(one, options)),
    ];
    if (taken.length === 0) await deleted.forgetFolder(one);
    return { title, message: `Folder ${title} restored`, uid, notRestored: taken };
  });
}

/**
 * Restores the dashboards of a folder. Returns the uids that are in use by other dashboards, and the ids of dashboards
 * that are no longer stored.
 */
async function restoreDashboards(
  { folders: restored, dashboardIds }: DeletedFolder,
  { deleted, dashboards }: DeletedRoutesOptions,
): Promise<readonly string[]> {
  const kept = new Map((await deleted.dashboards()).map((one) => [one.record.id, one]));
  const failed: string[] = [];
  for (const id of dashboardIds) {
    const one = kept.get(id);
    // Skips a dashboard that was deleted from another folder later.
    if (one === undefined || !restored.some(({ uid }) => uid === one.record.folderUid)) {
      if (dashboards.byId(id) === undefined) failed.push(String(id));
      continue;
    }
    try {
      await dashboards.restore(one, one.record.folderUid);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      failed.push(one.record.uid);
    }
  }
  return failed;
}

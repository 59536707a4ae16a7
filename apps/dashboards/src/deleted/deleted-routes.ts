import type { FastifyInstance, FastifyRequest } from "fastify";
import type { VisibleTo } from "../access/visible.ts";
import { accountIdOf } from "../auth/identity.ts";
import { isAtLeast, needsPlace } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { DashboardStore } from "../dashboards/dashboard-store.ts";
import { dashboardUrl, folderUrl } from "../dashboards/dashboard-view.ts";
import type { FolderStore } from "../folders/folder-store.ts";
import type { LibraryStore } from "../library-panels/library-store.ts";
import { Refusal, refusal } from "../web/refusal.ts";
import { type Body, isObject, pathParameter, textAt } from "../web/request-body.ts";
import { type DeletedDashboard, type DeletedFolder, type DeletedPlaces, KEEP_DELETED_MS } from "./deleted-places.ts";

export interface DeletedRoutesOptions {
  readonly context: Context;
  readonly deleted: DeletedPlaces;
  readonly dashboards: DashboardStore;
  readonly folders: FolderStore;
  readonly library: LibraryStore;
  readonly visible: VisibleTo;
}

const READ = needsPlace("edit", "dashboards:read");
const WRITE = needsPlace("edit", "dashboards:write");
const DELETE = needsPlace("edit", "dashboards:delete");

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
 * Returns the filter for what the sender may restore. The rights in a deleted folder no longer exist, so admins restore
 * everything, and other accounts what they have deleted themselves.
 */
const isFor =
  (request: FastifyRequest) =>
  ({ deletion }: DeletedDashboard | DeletedFolder): boolean =>
    isAtLeast(request.principal.identity, "Admin") || (deletion.byId > 0 && deletion.byId === accountIdOf(request));

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
    const before = folders.byUid(one.record.folderUid) === undefined ? "" : one.record.folderUid;
    const folderUid = Object.hasOwn(body, "folderUid") ? textAt(body, "folderUid") : before;
    visible(request).checkFolder("edit", folderUid);
    const { title, uid } = await dashboards.restore(one, folderUid);
    return { title, message: `Dashboard ${title} restored`, uid };
  });
  app.delete(url, DELETE, async (request) => {
    const { record } = await found(request);
    await dashboards.forget(record);
    const { title, uid } = record;
    return { title, message: `Dashboard ${title} deleted`, uid };
  });
}

function folderRoutes(app: FastifyInstance, options: DeletedRoutesOptions): void {
  const { deleted, dashboards, folders, library, visible } = options;
  app.patch("/api/folders/:uid/trash", WRITE, async (request) => {
    const uid = pathParameter(request, "uid");
    const one = (await deleted.folders()).filter(isFor(request)).find((folder) => folder.folders[0]!.uid === uid);
    if (one === undefined) throw refusal(404, "folder not found");
    const { parentUid, title } = one.folders[0]!;
    visible(request).checkFolder("edit", folders.byUid(parentUid) === undefined ? "" : parentUid);
    await folders.restore(one.folders);
    await library.restore(one.elements);
    const ids = new Set(one.dashboardIds);
    const failed: string[] = [];
    for (const board of (await deleted.dashboards()).filter(({ record }) => ids.has(record.id))) {
      try {
        await dashboards.restore(board, board.record.folderUid);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        failed.push(board.record.uid);
      }
    }
    await deleted.forgetFolder(one);
    return { title, message: `Folder ${title} restored`, uid, notRestored: failed };
  });
}

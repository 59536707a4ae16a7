import type { FastifyInstance, FastifyRequest } from "fastify";
import { type Action, type Level, LEVEL_OF } from "../auth/levels.ts";
import { actionOf, isRestricted, type VisibleTo } from "../access/visible.ts";
import { accountIdOf } from "../auth/identity.ts";
import { needsPlace } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { DashboardRecord } from "../dashboards/dashboard-record.ts";
import type { DashboardStore } from "../dashboards/dashboard-store.ts";
import { folderUrl } from "../dashboards/dashboard-view.ts";
import type { DeletedFolder, DeletedPlaces } from "../deleted/deleted-places.ts";
import { type Deletion, deletionBy } from "../deleted/deletion.ts";
import type { LibraryStore } from "../library-panels/library-store.ts";
import { accessDenied, refusal } from "../web/refusal.ts";
import {
  bodyOfRequest,
  countParameter,
  flagAt,
  numberAt,
  pathParameter,
  queryOf,
  textAt,
} from "../web/request-body.ts";
import type { Folder, FolderStore } from "./folder-store.ts";

export interface FolderRoutesOptions {
  readonly context: Context;
  readonly dashboards: DashboardStore;
  readonly folders: FolderStore;
  readonly library: LibraryStore;
  readonly deleted: DeletedPlaces;
  readonly visible: VisibleTo;
}

const READ = needsPlace("view", "folders:read");
const CREATE = needsPlace("edit", "folders:create");
const WRITE = needsPlace("edit", "folders:write");
const DELETE = needsPlace("edit", "folders:delete");

export function folderRoutes(app: FastifyInstance, { context, visible, ...stores }: FolderRoutesOptions): void {
  const { folders } = stores;
  const found = (request: FastifyRequest, action: Action): Folder =>
    visible(request).folder(pathParameter(request, "uid"), action);
  const view = (folder: Folder, request: FastifyRequest): Record<string, unknown> => {
    const seen = visible(request);
    const single = (one: Folder): Record<string, unknown> => ({
      ...folderView(one, seen.folderLevel(one.uid), context),
      hasAcl: isRestricted(stores, (as) => as.folderLevel(one.uid)),
    });
    return {
      ...single(folder),
      parents: folders
        .parentsOf(folder)
        .filter(({ uid }) => seen.mayInFolder("view", uid))
        .map(single),
    };
  };
  /** Returns the uid of the parent folder in a request; empty for the root. Throws a refusal if it may not be changed. */
  const parentIn = (request: FastifyRequest): string => {
    const parentUid = textAt(bodyOfRequest(request), "parentUid");
    if (!visible(request).mayInFolder("edit", parentUid)) throw accessDenied("folders:write");
    return parentUid;
  };
  app.get("/api/folders", READ, (request) => {
    const query = queryOf(request);
    const limit = countParameter(query, "limit", 1000, 1000);
    const start = (countParameter(query, "page", 1, 1_000_000) - 1) * limit;
    const action = actionOf(query);
    const all = visible(request);
    const seen = all.childrenOf(query.get("parentUid") ?? "").filter(({ uid }) => all.mayInFolder(action, uid));
    return seen.slice(start, start + limit).map(({ id, uid, title, parentUid }) => ({
      id,
      uid,
      title,
      ...(parentUid === "" ? {} : { parentUid }),
    }));
  });
  app.get("/api/folders/:uid", READ, (request) => view(found(request, "view"), request));
  app.get("/api/folders/id/:id", READ, (request) =>
    view(visible(request).folderById(Number(pathParameter(request, "id"))), request),
  );
  app.post("/api/folders", CREATE, async (request) => {
    const body = bodyOfRequest(request);
    const [uid, title, parentUid] = [textAt(body, "uid"), textAt(body, "title"), parentIn(request)];
    const creator = { user: request.principal.name, creatorId: accountIdOf(request) };
    return view(await folders.add({ uid, title, parentUid, ...creator }), request);
  });
  app.put("/api/folders/:uid", WRITE, async (request) => {
    const folder = found(request, "edit");
    const body = bodyOfRequest(request);
    const version = flagAt(body, "overwrite") ? undefined : (numberAt(body, "version") ?? 0);
    return view(await folders.rename(folder, textAt(body, "title"), request.principal.name, version), request);
  });
  app.post("/api/folders/:uid/move", WRITE, async (request) => {
    const folder = found(request, "edit");
    const parentUid = parentIn(request);
    const seen = visible(request);
    if (parentUid !== folder.parentUid) seen.checkMove(folder, seen.folderLevel(folder.uid), parentUid);
    return view(await folders.move(folder, parentUid, request.principal.name), request);
  });
  contentRoutes(app, { visible, now: () => context.clock.now() }, stores);
}

/** Adds the routes that count the contents of a folder, and that delete a folder with its contents. */
function contentRoutes(
  app: FastifyInstance,
  { visible, now }: { readonly visible: VisibleTo; readonly now: () => number },
  stores: Omit<FolderRoutesOptions, "context" | "visible">,
): void {
  const { dashboards, folders, library } = stores;
  const contentOf = (folder: Folder): { inner: readonly Folder[]; boards: readonly DashboardRecord[] } => {
    const inner = folders.within(folder);
    const uids = new Set(inner.map(({ uid }) => uid));
    return { inner, boards: [...dashboards.values()].filter(({ folderUid }) => uids.has(folderUid)) };
  };
  app.get("/api/folders/:uid/counts", READ, (request) => {
    const seen = visible(request);
    const { inner, boards } = contentOf(seen.folder(pathParameter(request, "uid")));
    const seenFolders = inner.filter(({ uid }) => seen.mayInFolder("view", uid));
    const seenBoards = boards.filter((board) => seen.mayDashboard("view", board));
    const panels = library.within(new Set(seenFolders.map(({ uid }) => uid)));
    return { folder: seenFolders.length - 1, dashboard: seenBoards.length, librarypanel: panels.length };
  });
  app.delete("/api/folders/:uid", DELETE, (request) => {
    const seen = visible(request);
    const folder = seen.folder(pathParameter(request, "uid"), "edit");
    const boardsIn = (): readonly DashboardRecord[] => {
      const { inner, boards } = contentOf(folder);
      for (const { uid } of inner) seen.checkFolder("edit", uid);
      for (const board of boards) seen.checkDashboard("edit", board);
      return boards;
    };
    return remove(folder, { ...stores, boardsIn, deletion: deletionBy(request, now()) });
  });
}

interface RemovalOptions extends Omit<FolderRoutesOptions, "context" | "visible"> {
  readonly deletion: Deletion;
  /**
   * Returns the dashboards in the folder and its subfolders. Dashboards that this instance does not know yet are
   * missing.
   */
  readonly boardsIn: () => readonly DashboardRecord[];
}

/** Deletes a folder with its contents. Rejects with a refusal or StoreError. */
async function remove(folder: Folder, options: RemovalOptions): Promise<object> {
  const { dashboards, folders, library, deleted, deletion, boardsIn } = options;
  const checked = (boards: readonly DashboardRecord[]): readonly DashboardRecord[] => {
    if (boards.every(({ provisioned }) => provisioned === undefined)) return boards;
    throw refusal(400, "folder cannot be deleted: it contains provisioned dashboards");
  };
  checked(boardsIn());
  const inner = await folders.markDeleting(folder, true);
  let kept: DeletedFolder | undefined;
  let isRemoving = false;
  const going = new Set(inner.map(({ uid }) => uid));
  try {
    // Reads dashboards and panels that other instances have saved before the folder was marked as being deleted. Since
    // then, nothing can be added to the folder.
    await dashboards.refresh();
    await library.refresh();
    checkNoneInUse(going, options);
    const boards = checked(boardsIn());
    const [elements, dashboardIds] = [library.within(going), boards.map((board) => board.id)];
    const folderToKeep = { folders: inner, elementIds: elements.map(({ id }) => id), dashboardIds, deletion };
    if (await deleted.keepFolder(folderToKeep, elements)) kept = folderToKeep;
    await deleted.noteDeletion();
    isRemoving = true;
    for (const board of boards) await dashboards.delete(board, deletion, ({ folderUid }) => going.has(folderUid));
    await library.removeWithin(going);
    await folders.remove(inner);
  } catch (error) {
    // Ignores errors of the cleanup, because the first error is thrown. The folder still exists, so it is no deleted
    // folder.
    await folders.markDeleting(folder, false).catch(() => undefined);
    if (kept !== undefined && !isRemoving) await deleted.forgetFolder(kept).catch(() => undefined);
    throw error;
  }
  const { id, uid, title } = folder;
  return { id, message: `Folder ${title} deleted`, title, uid };
}

/**
 * Throws a refusal if a dashboard shows a library panel of the folders. As in Grafana, this includes dashboards in the
 * folders themselves.
 */
function checkNoneInUse(folderUids: ReadonlySet<string>, { dashboards, library }: RemovalOptions): void {
  const uids = new Set(library.within(folderUids).map(({ uid }) => uid));
  const isShown = [...dashboards.values()].some(({ libraryPanels = [] }) => libraryPanels.some((uid) => uids.has(uid)));
  if (isShown) throw refusal(403, "Folder could not be deleted because it contains library elements in use");
}

function folderView(folder: Folder, level: Level, { address }: Context): Record<string, unknown> {
  const mayEdit = level >= LEVEL_OF.edit;
  return {
    id: folder.id,
    uid: folder.uid,
    orgId: 1,
    title: folder.title,
    url: folderUrl(address, folder),
    canSave: mayEdit,
    canEdit: mayEdit,
    canAdmin: level >= LEVEL_OF.admin,
    canDelete: mayEdit,
    createdBy: folder.createdBy,
    created: new Date(folder.created).toISOString(),
    updatedBy: folder.updatedBy,
    updated: new Date(folder.updated).toISOString(),
    version: folder.version,
    ...(folder.parentUid === "" ? {} : { parentUid: folder.parentUid }),
  };
}

import type { Identity } from "@narthex/http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { hasRight, maySee, needs } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { DashboardRecord } from "../dashboards/dashboard-record.ts";
import type { DashboardStore } from "../dashboards/dashboard-store.ts";
import { folderUrl } from "../dashboards/dashboard-view.ts";
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
import { type Folder, type FolderStore, notFound } from "./folder-store.ts";

export interface FolderRoutesOptions {
  readonly context: Context;
  readonly dashboards: DashboardStore;
  readonly folders: FolderStore;
  readonly library: LibraryStore;
}

const READ = needs("viewer", "folders:read");
const CREATE = needs("editor", "folders:create");
const WRITE = needs("editor", "folders:write");
const DELETE = needs("editor", "folders:delete");

export function folderRoutes(app: FastifyInstance, { context, ...stores }: FolderRoutesOptions): void {
  const { folders } = stores;
  const found = (request: FastifyRequest): Folder =>
    seenFolder(folders, folders.byUid(pathParameter(request, "uid")), request);
  const single = (folder: Folder, { principal }: FastifyRequest): Record<string, unknown> => ({
    ...folderView(folder, principal.identity, context),
    hasAcl: folders.isForAdmins(folder.uid),
  });
  const view = (folder: Folder, request: FastifyRequest): Record<string, unknown> => ({
    ...single(folder, request),
    parents: folders.parentsOf(folder).map((parent) => single(parent, request)),
  });
  /**
   * Returns the uid of the parent folder in a request; empty for the root. Throws a refusal if the folder does not
   * exist.
   */
  const parentIn = (request: FastifyRequest): string => {
    const parentUid = textAt(bodyOfRequest(request), "parentUid");
    if (!maySee(request.principal.identity, folders.isForAdmins(parentUid))) throw accessDenied("folders:write");
    return parentUid;
  };
  app.get("/api/folders", READ, (request) => {
    const query = queryOf(request);
    const limit = countParameter(query, "limit", 1000, 1000);
    const start = (countParameter(query, "page", 1, 1_000_000) - 1) * limit;
    const { identity } = request.principal;
    const seen = folders
      .childrenOf(query.get("parentUid") ?? "")
      .filter(({ uid }) => maySee(identity, folders.isForAdmins(uid)));
    return seen.slice(start, start + limit).map(({ id, uid, title, parentUid }) => ({
      id,
      uid,
      title,
      ...(parentUid === "" ? {} : { parentUid }),
    }));
  });
  app.get("/api/folders/:uid", READ, (request) => view(found(request), request));
  app.get("/api/folders/id/:id", READ, (request) => {
    const id = Number(pathParameter(request, "id"));
    const folder = [...folders.values()].find((one) => one.id === id);
    return view(seenFolder(folders, folder, request), request);
  });
  app.post("/api/folders", CREATE, async (request) => {
    const body = bodyOfRequest(request);
    const [uid, title, parentUid] = [textAt(body, "uid"), textAt(body, "title"), parentIn(request)];
    return view(await folders.add({ uid, title, parentUid, user: request.principal.name }), request);
  });
  app.put("/api/folders/:uid", WRITE, async (request) => {
    const folder = found(request);
    const body = bodyOfRequest(request);
    const version = flagAt(body, "overwrite") ? undefined : (numberAt(body, "version") ?? 0);
    return view(await folders.rename(folder, textAt(body, "title"), request.principal.name, version), request);
  });
  app.post("/api/folders/:uid/move", WRITE, async (request) => {
    const folder = found(request);
    return view(await folders.move(folder, parentIn(request), request.principal.name), request);
  });
  contentRoutes(app, found, stores);
}

/** Adds the routes that count the contents of a folder, and that delete a folder with its contents. */
function contentRoutes(
  app: FastifyInstance,
  found: (request: FastifyRequest) => Folder,
  stores: Omit<FolderRoutesOptions, "context">,
): void {
  const { dashboards, folders, library } = stores;
  const contentOf = (folder: Folder): { inner: readonly Folder[]; boards: readonly DashboardRecord[] } => {
    const inner = folders.within(folder);
    const uids = new Set(inner.map(({ uid }) => uid));
    return { inner, boards: [...dashboards.values()].filter(({ folderUid }) => uids.has(folderUid)) };
  };
  app.get("/api/folders/:uid/counts", READ, (request) => {
    const { inner, boards } = contentOf(found(request));
    const { identity } = request.principal;
    const seen = inner.filter(({ uid }) => maySee(identity, folders.isForAdmins(uid)));
    const seenBoards = boards.filter((board) => maySee(identity, dashboards.isForAdmins(board)));
    const panels = library.within(new Set(seen.map(({ uid }) => uid)));
    return { folder: seen.length - 1, dashboard: seenBoards.length, librarypanel: panels.length };
  });
  app.delete("/api/folders/:uid", DELETE, (request) => {
    const folder = found(request);
    const { identity } = request.principal;
    const boardsIn = (): readonly DashboardRecord[] => {
      const { inner, boards } = contentOf(folder);
      const isHidden =
        inner.some(({ uid }) => !maySee(identity, folders.isForAdmins(uid))) ||
        boards.some((board) => !maySee(identity, dashboards.isForAdmins(board)));
      if (isHidden) throw accessDenied("folders:delete");
      return boards;
    };
    return remove(folder, { ...stores, boardsIn });
  });
}

interface RemovalOptions extends Omit<FolderRoutesOptions, "context"> {
  /**
   * Returns the dashboards in the folder and its subfolders. Dashboards that this instance does not know yet are
   * missing.
   */
  readonly boardsIn: () => readonly DashboardRecord[];
}

/** Deletes a folder with its contents. Rejects with a refusal or StoreError. */
async function remove(folder: Folder, options: RemovalOptions): Promise<object> {
  const { dashboards, folders, library, boardsIn } = options;
  const checked = (boards: readonly DashboardRecord[]): readonly DashboardRecord[] => {
    if (boards.every(({ provisioned }) => provisioned === undefined)) return boards;
    throw refusal(400, "folder cannot be deleted: it contains provisioned dashboards");
  };
  checked(boardsIn());
  const inner = await folders.markDeleting(folder, true);
  const going = new Set(inner.map(({ uid }) => uid));
  try {
    // The folder is marked as being deleted, so nothing can be added to it. Refresh to see dashboards and panels that
    // other instances saved earlier.
    await dashboards.refresh();
    await library.refresh();
    checkNoneInUse(going, options);
    for (const board of checked(boardsIn())) await dashboards.remove(board, ({ folderUid }) => going.has(folderUid));
    await library.removeWithin(going);
    await folders.remove(inner);
  } catch (error) {
    await folders.markDeleting(folder, false);
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

/** Returns a folder. Throws a refusal if it does not exist or the user may not see it. */
function seenFolder(
  folders: FolderStore,
  folder: Folder | undefined,
  { principal, routeOptions }: FastifyRequest,
): Folder {
  if (folder === undefined) throw notFound();
  if (maySee(principal.identity, folders.isForAdmins(folder.uid))) return folder;
  throw accessDenied(routeOptions.config.action || "folders:read");
}

function folderView(folder: Folder, identity: Identity | undefined, { address }: Context): Record<string, unknown> {
  const isEditor = hasRight(identity, "editor");
  return {
    id: folder.id,
    uid: folder.uid,
    orgId: 1,
    title: folder.title,
    url: folderUrl(address, folder),
    canSave: isEditor,
    canEdit: isEditor,
    canAdmin: hasRight(identity, "admin"),
    canDelete: isEditor,
    createdBy: folder.createdBy,
    created: new Date(folder.created).toISOString(),
    updatedBy: folder.updatedBy,
    updated: new Date(folder.updated).toISOString(),
    version: folder.version,
    ...(folder.parentUid === "" ? {} : { parentUid: folder.parentUid }),
  };
}

import type { Grants } from "@narthex/http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { hasRight, needs } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { DashboardRecord } from "../dashboards/dashboard-record.ts";
import type { DashboardStore } from "../dashboards/dashboard-store.ts";
import { folderUrl } from "../dashboards/dashboard-view.ts";
import { Refusal, refusal } from "../web/refusal.ts";
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
}

const READ = needs("viewer", "folders:read");
const CREATE = needs("editor", "folders:create");
const WRITE = needs("editor", "folders:write");
const DELETE = needs("editor", "folders:delete");

/** The API of folders. */
export function folderRoutes(app: FastifyInstance, { context, dashboards, folders }: FolderRoutesOptions): void {
  const found = (request: FastifyRequest): Folder => {
    const folder = folders.byUid(pathParameter(request, "uid"));
    if (folder === undefined) throw new Refusal(404, { message: "folder not found", status: "not-found" });
    return folder;
  };
  const view = (folder: Folder, { principal }: FastifyRequest): Record<string, unknown> => ({
    ...folderView(folder, principal.grants, context),
    parents: folders.parentsOf(folder).map((parent) => folderView(parent, principal.grants, context)),
  });
  app.get("/api/folders", READ, (request) => {
    const query = queryOf(request);
    const limit = countParameter(query, "limit", 1000, 1000);
    const start = (countParameter(query, "page", 1, 1_000_000) - 1) * limit;
    const shown = folders.childrenOf(query.get("parentUid") ?? "").slice(start, start + limit);
    return shown.map(({ id, uid, title, parentUid }) => ({
      id,
      uid,
      title,
      ...(parentUid === "" ? {} : { parentUid }),
    }));
  });
  app.get("/api/folders/:uid", READ, (request) => view(found(request), request));
  app.post("/api/folders", CREATE, async (request) => {
    const body = bodyOfRequest(request);
    const [uid, title, parentUid] = [textAt(body, "uid"), textAt(body, "title"), textAt(body, "parentUid")];
    return view(await folders.add({ uid, title, parentUid, user: request.principal.name }), request);
  });
  app.put("/api/folders/:uid", WRITE, async (request) => {
    const folder = found(request);
    const body = bodyOfRequest(request);
    if (!flagAt(body, "overwrite") && numberAt(body, "version") !== folder.version) {
      throw new Refusal(412, { message: "the folder has been changed by someone else", status: "version-mismatch" });
    }
    return view(await folders.rename(folder, textAt(body, "title"), request.principal.name), request);
  });
  app.post("/api/folders/:uid/move", WRITE, async (request) => {
    const parentUid = textAt(bodyOfRequest(request), "parentUid");
    return view(await folders.move(found(request), parentUid, request.principal.name), request);
  });
  const contentOf = (folder: Folder): { inner: readonly Folder[]; boards: readonly DashboardRecord[] } => {
    const inner = folders.within(folder);
    const uids = new Set(inner.map(({ uid }) => uid));
    return { inner, boards: [...dashboards.values()].filter(({ folderUid }) => uids.has(folderUid)) };
  };
  app.get("/api/folders/:uid/counts", READ, (request) => {
    const { inner, boards } = contentOf(found(request));
    return { folder: inner.length - 1, dashboard: boards.length };
  });
  app.delete("/api/folders/:uid", DELETE, async (request) => {
    const folder = found(request);
    const { inner, boards } = contentOf(folder);
    if (boards.some(({ provisioned }) => provisioned !== undefined)) {
      throw refusal(400, "folder cannot be deleted: it holds provisioned dashboards");
    }
    for (const board of boards) await dashboards.remove(board);
    for (const one of inner.toReversed()) await folders.remove(one);
    const { id, uid, title } = folder;
    return { id, message: `Folder ${title} deleted`, title, uid };
  });
}

/** A folder in answers of the API. */
function folderView(folder: Folder, grants: Grants | undefined, { address }: Context): Record<string, unknown> {
  const isEditor = hasRight(grants, "editor");
  return {
    id: folder.id,
    uid: folder.uid,
    orgId: 1,
    title: folder.title,
    url: folderUrl(address, folder),
    hasAcl: false,
    canSave: isEditor,
    canEdit: isEditor,
    canAdmin: hasRight(grants, "admin"),
    canDelete: isEditor,
    createdBy: folder.createdBy,
    created: new Date(folder.created).toISOString(),
    updatedBy: folder.updatedBy,
    updated: new Date(folder.updated).toISOString(),
    version: folder.version,
    ...(folder.parentUid === "" ? {} : { parentUid: folder.parentUid }),
  };
}

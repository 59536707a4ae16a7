import type { Feature } from "@narthex/http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Action } from "../auth/levels.ts";
import { needsPlace } from "../auth/rights.ts";
import type { DashboardRecord } from "../dashboards/dashboard-record.ts";
import type { Dashboards } from "../dashboards/dashboards.ts";
import type { Folder } from "../folders/folder-store.ts";
import { badRequest, refusal } from "../web/refusal.ts";
import {
  bodyOfRequest,
  countParameter,
  numberAt,
  objectAt,
  pathParameter,
  queryOf,
  textAt,
} from "../web/request-body.ts";
import { changedMeanwhile, type LibraryElement } from "./library-store.ts";

const READ = needsPlace("view", "library.panels:read");
const WRITE = needsPlace("edit", "library.panels:write");
const URL_PATH = "/api/library-elements";

export const openLibraryPanels = (dashboards: Dashboards): Feature => ({
  name: "library panels",
  routes({ app }) {
    readRoutes(app, dashboards);
    writeRoutes(app, dashboards);
  },
});

const found = ({ visible }: Dashboards, request: FastifyRequest, action: Action): LibraryElement =>
  visible(request).libraryElement(pathParameter(request, "uid"), action);

const showing = ({ store }: Dashboards, { uid }: LibraryElement): readonly DashboardRecord[] =>
  [...store.values()].filter(({ libraryPanels }) => libraryPanels?.includes(uid) === true);

const view = (element: LibraryElement, dashboards: Dashboards): object =>
  elementView(element, dashboards.folders.byUid(element.folderUid), showing(dashboards, element).length);

function readRoutes(app: FastifyInstance, dashboards: Dashboards): void {
  const { visible } = dashboards;
  app.get(URL_PATH, READ, (request) => {
    const query = queryOf(request);
    const isWanted = filterOf(query);
    const sign = query.get("sortDirection") === "alpha-desc" ? -1 : 1;
    const all = visible(request)
      .libraryElements()
      .filter(isWanted)
      .toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -sign : sign));
    const perPage = countParameter(query, "perPage", 100, 1000);
    const page = countParameter(query, "page", 1, 1_000_000);
    const shown = all.slice((page - 1) * perPage, page * perPage).map((element) => view(element, dashboards));
    return { result: { totalCount: all.length, elements: shown, page, perPage } };
  });
  app.get(`${URL_PATH}/:uid`, READ, (request) => ({ result: view(found(dashboards, request, "view"), dashboards) }));
  app.get(`${URL_PATH}/:uid/connections`, READ, (request) => {
    const element = found(dashboards, request, "view");
    const seen = visible(request);
    const seenBoards = showing(dashboards, element).filter((record) => seen.mayDashboard("view", record));
    return { result: seenBoards.map((record) => connectionView(element, record)) };
  });
  app.get(`${URL_PATH}/name/:name`, READ, (request) => {
    const name = pathParameter(request, "name");
    const named = visible(request)
      .libraryElements()
      .filter((element) => element.name === name);
    if (named.length === 0) throw refusal(404, "library element could not be found");
    return { result: named.map((element) => view(element, dashboards)) };
  });
}

function filterOf(query: URLSearchParams): (element: LibraryElement) => boolean {
  const words = (query.get("searchString") ?? "").slice(0, 1000).toLowerCase();
  const list = (name: string): ReadonlySet<string> =>
    new Set((query.get(name) ?? "").split(",").filter((one) => one !== ""));
  const [types, excluded, places] = [list("typeFilter"), list("excludeUid"), list("folderFilterUIDs")];
  return ({ uid, name, folderUid, model }) =>
    name.toLowerCase().includes(words) &&
    !excluded.has(uid) &&
    (types.size === 0 || types.has(typeOf(model))) &&
    (places.size === 0 || places.has(folderUid === "" ? "general" : folderUid));
}

function writeRoutes(app: FastifyInstance, dashboards: Dashboards): void {
  const { library, visible } = dashboards;
  app.post(URL_PATH, WRITE, async (request) => {
    const body = bodyOfRequest(request);
    const model = objectAt(body, "model");
    if (model === undefined) throw badRequest();
    const [uid, name, folderUid] = [textAt(body, "uid"), textAt(body, "name"), textAt(body, "folderUid")];
    visible(request).checkFolder("edit", folderUid);
    const user = request.principal.name;
    const added = await library.add({ uid, name, folderUid, kind: numberAt(body, "kind") ?? 1, model, user });
    return { result: view(added, dashboards) };
  });
  app.patch(`${URL_PATH}/:uid`, WRITE, async (request) => {
    const before = found(dashboards, request, "edit");
    const body = bodyOfRequest(request);
    if (numberAt(body, "version") !== before.version) {
      throw changedMeanwhile();
    }
    const change = {
      name: textAt(body, "name") || before.name,
      folderUid: Object.hasOwn(body, "folderUid") ? textAt(body, "folderUid") : before.folderUid,
      model: objectAt(body, "model") ?? before.model,
    };
    visible(request).checkFolder("edit", change.folderUid);
    return { result: view(await library.change(before, change, request.principal.name), dashboards) };
  });
  app.delete(`${URL_PATH}/:uid`, WRITE, async (request) => {
    const element = found(dashboards, request, "edit");
    const count = showing(dashboards, element).length;
    if (count > 0) {
      throw refusal(403, `the library element has connections: ${count} dashboards show it; take it out of them first`);
    }
    await library.remove(element);
    return { id: element.id, message: "Library element deleted" };
  });
}

const connectionView = (element: LibraryElement, record: DashboardRecord): object => ({
  id: record.id,
  kind: 1,
  elementId: element.id,
  connectionId: record.id,
  connectionUid: record.uid,
  created: new Date(record.updated).toISOString(),
  createdBy: { id: 0, name: record.updatedBy, avatarUrl: "" },
});

const typeOf = (model: LibraryElement["model"]): string => (typeof model["type"] === "string" ? model["type"] : "");

function elementView(element: LibraryElement, folder: Folder | undefined, connectedDashboards: number): object {
  const { model, created, updated, createdBy, updatedBy, ...rest } = element;
  return {
    ...rest,
    orgId: 1,
    folderId: folder?.id ?? 0,
    type: typeOf(model),
    description: typeof model["description"] === "string" ? model["description"] : "",
    model,
    meta: {
      folderName: folder?.title ?? "Dashboards",
      folderUid: element.folderUid,
      connectedDashboards,
      created: new Date(created).toISOString(),
      updated: new Date(updated).toISOString(),
      createdBy: { id: 0, name: createdBy, avatarUrl: "" },
      updatedBy: { id: 0, name: updatedBy, avatarUrl: "" },
    },
  };
}

import type { Feature } from "@narthex/http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { needs } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { Dashboards } from "../dashboards/dashboards.ts";
import type { Folder } from "../folders/folder-store.ts";
import { Documents } from "../state/documents.ts";
import type { Stores } from "../state/stores.ts";
import { isUid, MAX_UID_LENGTH, newUid } from "../state/uids.ts";
import { badRequest, refusal } from "../web/refusal.ts";
import {
  type Body,
  bodyOfRequest,
  countParameter,
  numberAt,
  objectAt,
  pathParameter,
  queryOf,
  textAt,
} from "../web/request-body.ts";

/** A panel that several dashboards show. */
interface LibraryElement {
  readonly id: number;
  readonly uid: string;
  readonly folderUid: string;
  readonly name: string;
  /** 1: a panel. */
  readonly kind: number;
  readonly model: Body;
  readonly version: number;
  /** Epoch ms. */
  readonly created: number;
  readonly createdBy: string;
  readonly updated: number;
  readonly updatedBy: string;
}

const READ = needs("viewer", "library.panels:read");
const WRITE = needs("editor", "library.panels:write");

/** Rejects with StoreError. */
export async function openLibraryPanels(
  { clock }: Context,
  { store }: Stores,
  { folders }: Dashboards,
): Promise<Feature> {
  const elements = await Documents.open<LibraryElement>(store.collection("library_elements"));
  const found = (request: FastifyRequest): LibraryElement => {
    const element = elements.get(pathParameter(request, "uid"));
    if (element === undefined) throw refusal(404, "library element could not be found");
    return element;
  };
  const save = async (element: LibraryElement): Promise<object> => {
    const { uid, name, folderUid } = element;
    if (name === "") throw refusal(400, "library element must have a name");
    if (folderUid !== "" && folders.byUid(folderUid) === undefined) throw refusal(404, "folder not found");
    const other = elements.values().find((one) => one.name === name && one.folderUid === folderUid && one.uid !== uid);
    if (other !== undefined) throw refusal(400, "library element with that name or UID already exists");
    await elements.put(uid, element);
    return { result: view(element) };
  };
  const view = (element: LibraryElement): object => elementView(element, folders.byUid(element.folderUid));
  return {
    name: "library panels",
    routes({ app }) {
      const url = "/api/library-elements";
      app.get(url, READ, (request) => {
        const query = queryOf(request);
        const words = (query.get("searchString") ?? "").slice(0, 1000).toLowerCase();
        const all = [...elements.values()]
          .filter(({ name }) => name.toLowerCase().includes(words))
          .toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
        const perPage = countParameter(query, "perPage", 100, 1000);
        const page = countParameter(query, "page", 1, 1_000_000);
        const shown = all.slice((page - 1) * perPage, page * perPage).map(view);
        return { result: { totalCount: all.length, elements: shown, page, perPage } };
      });
      app.get(`${url}/:uid`, READ, (request) => ({ result: view(found(request)) }));
      app.get(`${url}/:uid/connections`, READ, (request) => ({ result: found(request) && [] }));
      app.get(`${url}/name/:name`, READ, (request) => {
        const name = pathParameter(request, "name");
        const named = [...elements.values()].filter((element) => element.name === name);
        if (named.length === 0) throw refusal(404, "library element could not be found");
        return { result: named.map(view) };
      });
      writeRoutes(app, { elements, found, save, now: () => clock.now() });
    },
  };
}

const URL_PATH = "/api/library-elements";

interface WriteRoutesOptions {
  readonly elements: Documents<LibraryElement>;
  readonly found: (request: FastifyRequest) => LibraryElement;
  readonly save: (element: LibraryElement) => Promise<object>;
  readonly now: () => number;
}

/** Adding, changing and deleting. */
function writeRoutes(app: FastifyInstance, { elements, found, save, now }: WriteRoutesOptions): void {
  app.post(URL_PATH, WRITE, async (request) => {
    const body = bodyOfRequest(request);
    const [model, uid, time] = [objectAt(body, "model"), textAt(body, "uid") || newUid(), now()];
    if (model === undefined) throw badRequest();
    if (uid.length > MAX_UID_LENGTH || !isUid(uid)) throw refusal(400, "uid contains illegal characters");
    if (elements.get(uid) !== undefined) throw refusal(400, "library element with that name or UID already exists");
    const user = request.principal.name;
    const made = { created: time, createdBy: user, updated: time, updatedBy: user };
    const [name, folderUid, kind] = [textAt(body, "name"), textAt(body, "folderUid"), numberAt(body, "kind") ?? 1];
    return save({ id: elements.nextId(), uid, name, folderUid, kind, model, version: 1, ...made });
  });
  app.patch(`${URL_PATH}/:uid`, WRITE, async (request) => {
    const before = found(request);
    const body = bodyOfRequest(request);
    if (numberAt(body, "version") !== before.version) {
      throw refusal(412, "the library element has been changed by someone else");
    }
    return save({
      ...before,
      name: textAt(body, "name") || before.name,
      folderUid: Object.hasOwn(body, "folderUid") ? textAt(body, "folderUid") : before.folderUid,
      model: objectAt(body, "model") ?? before.model,
      version: before.version + 1,
      updated: now(),
      updatedBy: request.principal.name,
    });
  });
  app.delete(`${URL_PATH}/:uid`, WRITE, async (request) => {
    const { id, uid } = found(request);
    await elements.remove(uid);
    return { id, message: "Library element deleted" };
  });
}

function elementView(element: LibraryElement, folder: Folder | undefined): object {
  const { model, created, updated, createdBy, updatedBy, ...rest } = element;
  return {
    ...rest,
    orgId: 1,
    folderId: folder?.id ?? 0,
    type: typeof model["type"] === "string" ? model["type"] : "",
    description: typeof model["description"] === "string" ? model["description"] : "",
    model,
    meta: {
      folderName: folder?.title ?? "Dashboards",
      folderUid: element.folderUid,
      connectedDashboards: 0,
      created: new Date(created).toISOString(),
      updated: new Date(updated).toISOString(),
      createdBy: { id: 0, name: createdBy, avatarUrl: "" },
      updatedBy: { id: 0, name: updatedBy, avatarUrl: "" },
    },
  };
}

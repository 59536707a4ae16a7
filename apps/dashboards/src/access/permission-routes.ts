import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Level } from "../auth/levels.ts";
import { type GrantedActions, needs, needsPlace } from "../auth/rights.ts";
import type { PublicAddress } from "../web/public-address.ts";
import { refusal } from "../web/refusal.ts";
import { type Body, bodyOfRequest, flagAt, numberAt, pathParameter, textAt } from "../web/request-body.ts";
import type { ManagedKind } from "./managed-kinds.ts";
import {
  levelNamed,
  levelNumbered,
  objectsIn,
  type Subject,
  subjectIn,
  type Subjects,
  withPermissions,
} from "./permission-input.ts";
import { dashboardPlaces, folderPlaces, type PlaceAt } from "./permission-places.ts";
import { adminItem, managedItems, permissionItems } from "./permission-views.ts";
import type { VisibleSourcesTo } from "./visible-sources.ts";
import type { VisibleAccountsTo } from "./visible-accounts.ts";
import type { Places, VisibleTo } from "./visible.ts";

export interface PermissionRoutesOptions {
  readonly kinds: readonly ManagedKind[];
  readonly places: Places;
  readonly visibleSources: VisibleSourcesTo;
  readonly visibleAccounts: VisibleAccountsTo;
  readonly subjects: Subjects;
  readonly visible: VisibleTo;
  readonly grantedActions: GrantedActions;
  readonly address: PublicAddress;
}

/** Adds the routes for the permissions of folders, dashboards, data sources and service accounts. */
export function permissionRoutes(app: FastifyInstance, options: PermissionRoutesOptions): void {
  const { kinds, places, visibleSources, visibleAccounts, subjects, visible, grantedActions, address } = options;
  listRoutes(app, "folders", { at: folderPlaces(places, visible, address), subjects });
  listRoutes(app, "dashboards/uid", { at: dashboardPlaces(places, visible, address), subjects });
  for (const kind of kinds) managedRoutes(app, kind, subjects);
  ownRoutes(app, (request) => {
    const seen = {
      place: visible(request),
      source: visibleSources(request),
      "service-account": visibleAccounts(request),
    };
    return grantedActions(request.principal.identity, (right, level) => seen[right].mayAnywhere(level));
  });
}

/** Adds the routes that list the rights of the sender. */
function ownRoutes(app: FastifyInstance, actionsOf: (request: FastifyRequest) => readonly string[]): void {
  app.get("/api/access-control/user/actions", needs("viewer"), (request) =>
    Object.fromEntries(actionsOf(request).map((action) => [action, true])),
  );
  app.get("/api/access-control/user/permissions", needs("viewer"), (request) =>
    Object.fromEntries(actionsOf(request).map((action) => [action, ["*"]])),
  );
}

interface ListRoutesOptions {
  readonly at: PlaceAt;
  readonly subjects: Subjects;
}

/** Adds the routes that read and replace all permissions of a folder or dashboard. */
function listRoutes(app: FastifyInstance, kind: string, { at, subjects }: ListRoutesOptions): void {
  const url = `/api/${kind}/:uid/permissions`;
  const [name] = kind.split("/", 1);
  app.get(url, needsPlace("admin", `${name}.permissions:read`), (request) => permissionItems(at(request), subjects));
  app.post(url, needsPlace("admin", `${name}.permissions:write`), async (request) => {
    const { id, title, isFolder, set } = at(request);
    const body = bodyOfRequest(request);
    const changes = objectsIn(body["items"]).map((item): [Subject, Level] => [
      subjectIn(item, "role", subjects),
      levelNumbered(numberAt(item, "permission") ?? 0),
    ]);
    await set(() => withPermissions([], changes), Object.hasOwn(body, "inherit") && !flagAt(body, "inherit"));
    return isFolder
      ? { message: "Folder permissions updated", id, title }
      : { message: "Dashboard permissions updated" };
  });
}

/**
 * Adds the routes `/api/access-control/<kind>`, at which provisioning tools read and set the permissions of objects of
 * this kind. A request sets single permissions, and removes those with an empty name.
 */
function managedRoutes(app: FastifyInstance, managed: ManagedKind, subjects: Subjects): void {
  const { kind, read, write, names, actions, levels, isForRoles, at } = managed;
  const url = `/api/access-control/${kind}`;
  app.get(`${url}/description`, read, () => ({
    assignments: { users: true, serviceAccounts: true, teams: true, builtInRoles: isForRoles },
    permissions: levels.map((level) => names[level]),
  }));
  app.get(`${url}/:uid`, read, (request) => {
    const { own, inherited } = at(request);
    const items = managedItems(own, inherited, subjects, { names, actions });
    return isForRoles ? [...items, adminItem({ names, actions })] : items;
  });
  const levelIn = (body: Body): Level => levelNamed(textAt(body, "permission"), names, levels);
  const set = async (request: FastifyRequest, wanted: readonly Body[]): Promise<void> => {
    const target = at(request);
    const changes = wanted.map((body): [Subject, Level] => {
      const subject = subjectIn(body, "builtInRole", levelIn(body) === 0 ? undefined : subjects);
      if ("role" in subject && !isForRoles) throw refusal(400, "only users and teams can have permissions here");
      return [subject, levelIn(body)];
    });
    await target.set((own) => withPermissions(own, changes));
  };
  app.post(`${url}/:uid`, write, async (request) => {
    await set(request, objectsIn(bodyOfRequest(request)["permissions"]));
    return { message: "Permissions updated" };
  });
  const subject = (name: string, fieldsOf: (id: string) => Body): void => {
    app.post(`${url}/:uid/${name}/:subject`, write, async (request) => {
      const permission = textAt(bodyOfRequest(request), "permission");
      await set(request, [{ ...fieldsOf(pathParameter(request, "subject")), permission }]);
      return { message: permission === "" ? "Permission removed" : "Permission updated" };
    });
  };
  subject("users", (id) => ({ userId: Number(id) || -1 }));
  subject("teams", (id) => ({ teamId: Number(id) || -1 }));
  if (isForRoles) subject("builtInRoles", (builtInRole) => ({ builtInRole }));
}

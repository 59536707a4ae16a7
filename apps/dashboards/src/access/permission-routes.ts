import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Level } from "../auth/levels.ts";
import { type GrantedActions, needs, needsPlace } from "../auth/rights.ts";
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
import { managedItems, permissionItems } from "./permission-views.ts";
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
}

/** Adds the routes for the permissions of folders, dashboards, data sources and service accounts. */
export function permissionRoutes(app: FastifyInstance, options: PermissionRoutesOptions): void {
  const { kinds, places, visibleSources, visibleAccounts, subjects, visible, grantedActions } = options;
  listRoutes(app, "folders", { at: folderPlaces(places, visible), subjects });
  listRoutes(app, "dashboards/uid", { at: dashboardPlaces(places, visible), subjects });
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
    const { isFolder, set } = at(request);
    const body = bodyOfRequest(request);
    const changes = objectsIn(body["items"]).map((item): [Subject, Level] => [
      subjectIn(item, "role", subjects),
      levelNumbered(numberAt(item, "permission") ?? 0),
    ]);
    await set(() => withPermissions([], changes), Object.hasOwn(body, "inherit") && !flagAt(body, "inherit"));
    return { message: isFolder ? "Folder permissions updated" : "Dashboard permissions updated" };
  });
}

/**
 * Adds the routes `/api/access-control/<kind>`, at which provisioning tools read and set the permissions of objects of
 * this kind. A request sets single permissions, and removes those with an empty name.
 */
function managedRoutes(app: FastifyInstance, managed: ManagedKind, subjects: Subjects): void {
  const { kind, read, write, names, levels, isForRoles, at } = managed;
  const url = `/api/access-control/${kind}`;
  app.get(`${url}/description`, read, () => ({
    assignments: { users: true, serviceAccounts: true, teams: true, builtInRoles: isForRoles },
    permissions: levels.map((level) => names[level]),
  }));
  app.get(`${url}/:uid`, read, (request) => {
    const { own, inherited } = at(request);
    return managedItems(own, inherited, subjects, names);
  });
  const levelIn = (body: Body): Level => levelNamed(textAt(body, "permission"), names, levels);
  const set = async (request: FastifyRequest, wanted: readonly Body[]): Promise<object> => {
    const target = at(request);
    const changes = wanted.map((body): [Subject, Level] => {
      const subject = subjectIn(body, "builtInRole", levelIn(body) === 0 ? undefined : subjects);
      if ("role" in subject && !isForRoles) throw refusal(400, "only users and teams can have permissions here");
      return [subject, levelIn(body)];
    });
    await target.set((own) => withPermissions(own, changes));
    return { message: "Permissions updated" };
  };
  app.post(`${url}/:uid`, write, (request) => set(request, objectsIn(bodyOfRequest(request)["permissions"])));
  const subject = (name: string, fieldsOf: (id: string) => Body): void => {
    app.post(`${url}/:uid/${name}/:subject`, write, (request) => {
      const permission = textAt(bodyOfRequest(request), "permission");
      return set(request, [{ ...fieldsOf(pathParameter(request, "subject")), permission }]);
    });
  };
  subject("users", (id) => ({ userId: Number(id) || -1 }));
  subject("teams", (id) => ({ teamId: Number(id) || -1 }));
  if (isForRoles) subject("builtInRoles", (builtInRole) => ({ builtInRole }));
}

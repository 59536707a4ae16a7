import type { FastifyInstance, FastifyRequest } from "fastify";
import { type GrantedActions, needs, needsPlace, needsServiceAccount, needsSource } from "../auth/rights.ts";
import type { ServiceAccounts } from "../auth/service-accounts.ts";
import type { SourceStore } from "../datasources/source-store.ts";
import { type Body, bodyOfRequest, flagAt, numberAt, pathParameter, textAt } from "../web/request-body.ts";
import {
  ACCOUNT_LEVELS,
  type Level,
  LEVEL_NAMES,
  type LevelNames,
  LEVELS,
  SOURCE_LEVEL_NAMES,
} from "../auth/levels.ts";
import { refusal } from "../web/refusal.ts";
import type { Permission } from "./own-permissions.ts";
import {
  levelNamed,
  levelNumbered,
  objectsIn,
  type Subject,
  subjectIn,
  type Subjects,
  withPermissions,
} from "./permission-input.ts";
import { dashboardPlaces, folderPlaces, type NextPermissions, type PlaceAt } from "./permission-places.ts";
import { managedItems, permissionItems } from "./permission-views.ts";
import { permissionsOfSource, type VisibleSourcesTo } from "./visible-sources.ts";
import type { VisibleAccountsTo } from "./visible-accounts.ts";
import type { Places, VisibleTo } from "./visible.ts";

export interface PermissionRoutesOptions {
  readonly places: Places;
  readonly sources: SourceStore;
  readonly visibleSources: VisibleSourcesTo;
  readonly serviceAccounts: ServiceAccounts;
  readonly visibleAccounts: VisibleAccountsTo;
  readonly subjects: Subjects;
  readonly visible: VisibleTo;
  readonly grantedActions: GrantedActions;
}

/** Adds the routes for the permissions of folders, dashboards, data sources and service accounts. */
export function permissionRoutes(app: FastifyInstance, options: PermissionRoutesOptions): void {
  const { places, sources, visibleSources, visibleAccounts, subjects, visible, grantedActions } = options;
  const [folderAt, dashboardAt] = [folderPlaces(places, visible), dashboardPlaces(places, visible)];
  listRoutes(app, "folders", { at: folderAt, subjects });
  listRoutes(app, "dashboards/uid", { at: dashboardAt, subjects });
  managedRoutes(app, "folders", managedPlaces("folders", folderAt, subjects));
  managedRoutes(app, "dashboards", managedPlaces("dashboards", dashboardAt, subjects));
  managedRoutes(app, "datasources", managedSources(sources, visibleSources, subjects));
  managedRoutes(app, "serviceaccounts", managedAccounts(options));
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

/** Objects of a kind whose permissions provisioning tools read and set. */
interface Managed {
  readonly read: RouteRight;
  readonly write: RouteRight;
  readonly names: LevelNames;
  /** The levels that a permission can give. */
  readonly levels: readonly Level[];
  /** Whether a role can have a permission, besides users and teams. */
  readonly isForRoles: boolean;
  /** Returns the permissions of the object that the path names. Throws a refusal. */
  readonly at: (request: FastifyRequest) => ManagedPermissions;
  readonly subjects: Subjects;
}

interface ManagedPermissions {
  readonly own: readonly Permission[];
  readonly inherited: readonly Permission[];
  readonly set: (next: NextPermissions) => Promise<unknown>;
}

type RouteRight = ReturnType<typeof needsPlace>;

const managedPlaces = (kind: string, at: PlaceAt, subjects: Subjects): Managed => ({
  read: needsPlace("admin", `${kind}.permissions:read`),
  write: needsPlace("admin", `${kind}.permissions:write`),
  names: LEVEL_NAMES,
  levels: LEVELS,
  isForRoles: true,
  at: (request) => {
    const { own, inherited, set } = at(request);
    return { own, inherited, set };
  },
  subjects,
});

const managedSources = (sources: SourceStore, visible: VisibleSourcesTo, subjects: Subjects): Managed => ({
  read: needsSource("admin", "datasources.permissions:read"),
  write: needsSource("admin", "datasources.permissions:write"),
  names: SOURCE_LEVEL_NAMES,
  levels: LEVELS,
  isForRoles: true,
  at: (request) => {
    const seen = visible(request);
    const record = seen.source(pathParameter(request, "uid"));
    seen.check("admin", record);
    return {
      own: permissionsOfSource(record),
      inherited: [],
      set: (next) =>
        sources.change((change) => change.setPermissions(record, (known) => next(permissionsOfSource(known)))),
    };
  },
  subjects,
});

const managedAccounts = ({ serviceAccounts, visibleAccounts, subjects }: PermissionRoutesOptions): Managed => ({
  read: needsServiceAccount("admin", "serviceaccounts.permissions:read"),
  write: needsServiceAccount("admin", "serviceaccounts.permissions:write"),
  names: LEVEL_NAMES,
  levels: ACCOUNT_LEVELS,
  isForRoles: false,
  at: (request) => {
    const account = visibleAccounts(request).account(Number(pathParameter(request, "uid")), "admin");
    return {
      own: account.permissions ?? [],
      inherited: [],
      set: (next) => serviceAccounts.setPermissions(account, next),
    };
  },
  subjects,
});

/**
 * Adds the routes `/api/access-control/<kind>`, at which provisioning tools read and set the permissions of objects of
 * this kind. A request sets single permissions, and removes those with an empty name.
 */
function managedRoutes(app: FastifyInstance, kind: string, managed: Managed): void {
  const { read, write, names, levels, isForRoles, at, subjects } = managed;
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

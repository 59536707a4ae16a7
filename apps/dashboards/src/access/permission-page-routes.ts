import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  ACCOUNT_LEVELS,
  type Level,
  LEVEL_NAMES,
  type LevelNames,
  LEVELS,
  SOURCE_LEVEL_NAMES,
} from "../auth/levels.ts";
import { needs, needsPlace, needsServiceAccount, needsSource } from "../auth/rights.ts";
import type { SourceStore } from "../datasources/source-store.ts";
import { badRequest } from "../web/refusal.ts";
import { bodyOfRequest, flagAt, pathParameter } from "../web/request-body.ts";
import type { Permission } from "./own-permissions.ts";
import type { Subjects } from "./permission-input.ts";
import {
  dashboardPlaces,
  type FolderName,
  folderPlaces,
  type PermissionPlace,
  type PlaceAt,
} from "./permission-places.ts";
import type { VisibleAccountsTo } from "./visible-accounts.ts";
import { permissionsOfSource, type VisibleSourcesTo } from "./visible-sources.ts";
import type { Places, VisibleTo } from "./visible.ts";

export interface PermissionPageRoutesOptions {
  readonly places: Places;
  readonly sources: SourceStore;
  readonly visibleSources: VisibleSourcesTo;
  readonly visibleAccounts: VisibleAccountsTo;
  readonly subjects: Subjects;
  readonly visible: VisibleTo;
}

const URL_PATH = "/api/narthex/permissions";

/**
 * Adds the routes for the pages that show permissions. Other than Grafana's routes, they return the folder from which
 * a permission is inherited, and whether permissions are inherited.
 */
export function permissionPageRoutes(app: FastifyInstance, options: PermissionPageRoutesOptions): void {
  const { places, visible } = options;
  ownedRoute(app, options);
  placeRoutes(app, "folders", folderPlaces(places, visible), options);
  placeRoutes(app, "dashboards", dashboardPlaces(places, visible), options);
  sourceRoute(app, options);
  accountRoute(app, options);
}

/**
 * Adds the route that lists the folders and data sources whose permissions the sender may change, and the service
 * accounts that the sender may manage.
 */
function ownedRoute(app: FastifyInstance, options: PermissionPageRoutesOptions): void {
  const { visible, visibleSources, visibleAccounts } = options;
  app.get(URL_PATH, needs("signed-in"), (request) => {
    const [seen, seenSources] = [visible(request), visibleSources(request)];
    const sources = seenSources.sources().filter((record) => seenSources.may("admin", record));
    return {
      folders: seen.folders().flatMap(({ uid, title }) => (seen.mayInFolder("admin", uid) ? [{ uid, title }] : [])),
      dataSources: sources.map(({ uid, name, type }) => ({ uid, name, type })),
      serviceAccounts: visibleAccounts(request)
        .list()
        .map(({ id, name }) => ({ id, name })),
    };
  });
}

function placeRoutes(
  app: FastifyInstance,
  kind: "folders" | "dashboards",
  at: PlaceAt,
  { subjects }: PermissionPageRoutesOptions,
): void {
  const url = `${URL_PATH}/${kind}/:uid`;
  app.get(url, needsPlace("admin", `${kind}.permissions:read`), (request) => placeView(at(request), subjects));
  app.put(`${url}/inherit`, needsPlace("admin", `${kind}.permissions:write`), async (request) => {
    const place = at(request);
    const body = bodyOfRequest(request);
    if (!Object.hasOwn(body, "inherit")) throw badRequest();
    await place.set((own) => own, !flagAt(body, "inherit"));
    return { message: "Permissions updated" };
  });
}

function sourceRoute(app: FastifyInstance, options: PermissionPageRoutesOptions): void {
  const { visibleSources, subjects } = options;
  const right = needsSource("admin", "datasources.permissions:read");
  app.get(`${URL_PATH}/datasources/:uid`, right, (request: FastifyRequest) => {
    const seen = visibleSources(request);
    const record = seen.source(pathParameter(request, "uid"));
    seen.check("admin", record);
    return {
      uid: record.uid,
      title: record.name,
      levels: levelsOf(SOURCE_LEVEL_NAMES, LEVELS),
      own: permissionsOfSource(record).map((one) => permissionView(one, subjects, SOURCE_LEVEL_NAMES)),
      inherited: [],
    };
  });
}

/** Adds the route of a service account. Roles have no permissions on it, only users and teams. */
function accountRoute(app: FastifyInstance, { visibleAccounts, subjects }: PermissionPageRoutesOptions): void {
  const right = needsServiceAccount("admin", "serviceaccounts.permissions:read");
  app.get(`${URL_PATH}/serviceaccounts/:uid`, right, (request) => {
    const {
      id,
      name,
      permissions = [],
    } = visibleAccounts(request).account(Number(pathParameter(request, "uid")), "admin");
    return {
      uid: String(id),
      title: name,
      levels: levelsOf(LEVEL_NAMES, ACCOUNT_LEVELS),
      own: permissions.map((one) => permissionView(one, subjects, LEVEL_NAMES)),
      inherited: [],
    };
  });
}

const levelsOf = (names: LevelNames, levels: readonly Level[]): readonly string[] =>
  levels.map((level) => names[level]);

function placeView(place: PermissionPlace, subjects: Subjects): object {
  const { uid, title, own, inherited, isForAdmins, isAtRoot } = place;
  return {
    uid,
    title,
    levels: levelsOf(LEVEL_NAMES, LEVELS),
    // A folder or dashboard at the root inherits nothing, so there is nothing to switch off.
    ...(isAtRoot ? {} : { inherit: !isForAdmins }),
    own: own.map((one) => permissionView(one, subjects, LEVEL_NAMES)),
    inherited: inherited.map((one) => permissionView(one, subjects, LEVEL_NAMES, one.from)),
  };
}

function permissionView(permission: Permission, subjects: Subjects, names: LevelNames, from?: FolderName): object {
  const rest = { level: names[permission.level], ...(from === undefined ? {} : { from }) };
  if ("role" in permission) return { kind: "role", id: permission.role, name: permission.role, detail: "", ...rest };
  if ("teamId" in permission) {
    const { teamId: id } = permission;
    const team = subjects.teams.byId(id);
    return { kind: "team", id, name: team?.name ?? "", detail: "", ...rest };
  }
  const { userId: id } = permission;
  const account = subjects.account(id);
  const kind = account?.isServiceAccount === true ? "service account" : "user";
  return { kind, id, ...namesOf(account), ...rest };
}

/** Returns the name of an account, and its login if the name differs. The name of an unknown account is empty. */
export function namesOf(account: { readonly login: string; readonly name?: string } | undefined): {
  readonly name: string;
  readonly detail: string;
} {
  const { login = "", name = "" } = account ?? {};
  return name === "" ? { name: login, detail: "" } : { name, detail: name === login ? "" : login };
}

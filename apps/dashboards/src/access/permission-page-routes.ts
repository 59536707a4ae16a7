import type { FastifyInstance } from "fastify";
import type { LevelNames } from "../auth/levels.ts";
import { needs } from "../auth/rights.ts";
import { badRequest } from "../web/refusal.ts";
import { bodyOfRequest, flagAt } from "../web/request-body.ts";
import type { ManagedKind, ManagedObject } from "./managed-kinds.ts";
import type { Permission } from "./own-permissions.ts";
import type { Subjects } from "./permission-input.ts";
import type { FolderName } from "./permission-places.ts";
import type { VisibleAccountsTo } from "./visible-accounts.ts";
import type { VisibleSourcesTo } from "./visible-sources.ts";
import type { VisibleTo } from "./visible.ts";

export interface PermissionPageRoutesOptions {
  readonly kinds: readonly ManagedKind[];
  readonly visibleSources: VisibleSourcesTo;
  readonly visibleAccounts: VisibleAccountsTo;
  readonly subjects: Subjects;
  readonly visible: VisibleTo;
}

const URL_PATH = "/api/narthex/permissions";

/**
 * Adds the routes for the pages that show permissions. Unlike Grafana's routes, they return the folder from which a
 * permission is inherited, and whether permissions are inherited.
 */
export function permissionPageRoutes(app: FastifyInstance, options: PermissionPageRoutesOptions): void {
  ownedRoute(app, options);
  for (const kind of options.kinds) kindRoutes(app, kind, options.subjects);
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

/**
 * Adds the routes for one kind of objects. Only objects in folders inherit permissions, and can be changed to inherit
 * none.
 */
function kindRoutes(app: FastifyInstance, managed: ManagedKind, subjects: Subjects): void {
  const { kind, read, write, isInFolders, at } = managed;
  const url = `${URL_PATH}/${kind}/:uid`;
  app.get(url, read, (request) => objectView(at(request), managed, subjects));
  if (!isInFolders) return;
  app.put(`${url}/inherit`, write, async (request) => {
    const place = at(request);
    const body = bodyOfRequest(request);
    if (!Object.hasOwn(body, "inherit")) throw badRequest();
    await place.set((own) => own, !flagAt(body, "inherit"));
    return { message: "Permissions updated" };
  });
}

function objectView(
  { uid, title, own, inherited, inherit }: ManagedObject,
  { names, levels }: ManagedKind,
  subjects: Subjects,
): object {
  return {
    uid,
    title,
    levels: levels.map((level) => names[level]),
    inherit,
    own: own.map((one) => permissionView(one, subjects, names)),
    inherited: inherited.map((one) => permissionView(one, subjects, names, one.from)),
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

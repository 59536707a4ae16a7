import type { FastifyInstance, FastifyRequest } from "fastify";
import { type GrantedActions, needs } from "../auth/rights.ts";
import type { DashboardStore } from "../dashboards/dashboard-store.ts";
import type { SourceStore } from "../datasources/source-store.ts";
import type { FolderStore } from "../folders/folder-store.ts";
import { badRequest, refusal } from "../web/refusal.ts";
import { type Body, bodyOfRequest, isObject, numberAt, pathParameter, textAt } from "../web/request-body.ts";
import type { VisibleTo } from "./visible.ts";

export interface PermissionRoutesOptions {
  readonly dashboards: DashboardStore;
  readonly folders: FolderStore;
  readonly sources: SourceStore;
  readonly visible: VisibleTo;
  readonly grantedActions: GrantedActions;
}

/**
 * Permission levels of folders and dashboards. `role` is the role to which the level belongs. Admins of the
 * organization have all levels.
 */
const LEVELS = [
  { role: "Editor", permission: 2, name: "Edit" },
  { role: "Viewer", permission: 1, name: "View" },
] as const;

const NOT_TO_CHANGE =
  "these permissions cannot be set: everyone can see a folder or dashboard, or only admins can; post the items Viewer 1 and Editor 2 to its /permissions to open it, and no items to close it";

/**
 * Routes for the permissions of folders, dashboards and data sources. A folder or dashboard is either open to all
 * roles, each with its own rights, or restricted to admins.
 */
export function permissionRoutes(app: FastifyInstance, options: PermissionRoutesOptions): void {
  const { dashboards, folders, sources, visible, grantedActions } = options;
  const folderAt = (request: FastifyRequest): PermissionTarget => {
    const folder = visible(request).folder(pathParameter(request, "uid"));
    const { uid, title } = folder;
    return {
      uid,
      title,
      isFolder: true,
      isForAdmins: folders.isForAdmins(uid),
      isClosed: folder.isForAdmins === true,
      isInherited: folders.isForAdmins(folder.parentUid),
      set: (isForAdmins) => folders.setForAdmins(folder, isForAdmins, request.principal.name),
    };
  };
  const dashboardAt = (request: FastifyRequest): PermissionTarget => {
    const record = visible(request).dashboard(pathParameter(request, "uid"));
    const { uid, title } = record;
    return {
      uid,
      title,
      isFolder: false,
      isForAdmins: dashboards.isForAdmins(record),
      isClosed: record.isForAdmins === true,
      isInherited: folders.isForAdmins(record.folderUid),
      set: (isForAdmins) =>
        dashboards.amend(uid, ({ isForAdmins: _before, ...rest }) => (isForAdmins ? { ...rest, isForAdmins } : rest)),
    };
  };
  const sourceLevels = LEVELS.map(({ role }) => ({ role, name: "Query" }));
  const sourceAt = (request: FastifyRequest): readonly Level[] => {
    if (sources.byUid(pathParameter(request, "uid")) === undefined) throw refusal(404, "Data source not found");
    return sourceLevels;
  };
  listRoutes(app, "folders", folderAt);
  listRoutes(app, "dashboards/uid", dashboardAt);
  managedRoutes(app, "folders", { names: ["View", "Edit", "Admin"], at: (request) => levelsOf(folderAt(request)) });
  managedRoutes(app, "dashboards", {
    names: ["View", "Edit", "Admin"],
    at: (request) => levelsOf(dashboardAt(request)),
  });
  managedRoutes(app, "datasources", { names: ["Query"], at: sourceAt });
  ownRoutes(app, grantedActions);
}

/** Adds the routes that list the rights of the sender. */
function ownRoutes(app: FastifyInstance, grantedActions: GrantedActions): void {
  app.get("/api/access-control/user/actions", needs("viewer"), ({ principal: { identity } }) =>
    Object.fromEntries(grantedActions(identity).map((action) => [action, true])),
  );
  app.get("/api/access-control/user/permissions", needs("viewer"), ({ principal: { identity } }) =>
    Object.fromEntries(grantedActions(identity).map((action) => [action, ["*"]])),
  );
}

interface PermissionTarget {
  readonly uid: string;
  readonly title: string;
  readonly isFolder: boolean;
  /** Whether only admins can see the folder or dashboard. */
  readonly isForAdmins: boolean;
  /** Whether the folder or dashboard is itself restricted, regardless of the folders that contain it. */
  readonly isClosed: boolean;
  /** Whether a parent folder of the folder or dashboard is for admins only. */
  readonly isInherited: boolean;
  readonly set: (isForAdmins: boolean) => Promise<unknown>;
}

const levelsOf = ({ isForAdmins }: PermissionTarget): typeof LEVELS | readonly [] => (isForAdmins ? [] : LEVELS);

function listRoutes(app: FastifyInstance, kind: string, at: (request: FastifyRequest) => PermissionTarget): void {
  const url = `/api/${kind}/:uid/permissions`;
  const [name] = kind.split("/", 1);
  app.get(url, needs("editor", `${name}.permissions:read`), (request) => {
    const target = at(request);
    const { uid, title, isFolder } = target;
    return levelsOf(target).map(({ role, permission, name: permissionName }) => ({
      uid,
      title,
      isFolder,
      role,
      permission,
      permissionName,
      inherited: false,
      userId: 0,
      userLogin: "",
      userEmail: "",
      teamId: 0,
      team: "",
    }));
  });
  app.post(url, needs("admin", `${name}.permissions:write`), async (request) => {
    const { isFolder, isClosed, isInherited, set } = at(request);
    const { items } = bodyOfRequest(request);
    if (!Array.isArray(items) || !items.every(isObject)) throw badRequest();
    const isClosing = items.length === 0;
    if (!isClosing && !isDefault(items)) throw refusal(400, NOT_TO_CHANGE);
    if (!isClosing && isInherited) throw refusal(400, "only admins can see a folder above it: open that folder");
    if (isClosing !== isClosed) await set(isClosing);
    return { message: isFolder ? "Folder permissions updated" : "Dashboard permissions updated" };
  });
}

/** Reports whether the posted permissions are those of an unrestricted folder or dashboard. */
function isDefault(items: readonly Body[]): boolean {
  const given = items.map((item) => `${textAt(item, "role")} ${numberAt(item, "permission") ?? 0}`);
  return (
    given.toSorted().join() ===
    LEVELS.map(({ role, permission }) => `${role} ${permission}`)
      .toSorted()
      .join()
  );
}

interface Level {
  readonly role: string;
  readonly name: string;
}

interface Managed {
  readonly names: readonly string[];
  /** Returns the granted permissions. Throws a refusal if the object does not exist. */
  readonly at: (request: FastifyRequest) => readonly Level[];
}

/**
 * Adds the routes `/api/access-control/<kind>`, at which provisioning tools read and set the permissions of objects of
 * this kind.
 */
function managedRoutes(app: FastifyInstance, kind: string, { names, at }: Managed): void {
  const read = needs("editor", `${kind}.permissions:read`);
  const write = needs("admin", `${kind}.permissions:write`);
  const url = `/api/access-control/${kind}`;
  app.get(`${url}/description`, read, () => ({
    assignments: { users: false, serviceAccounts: false, teams: false, builtInRoles: true },
    permissions: names,
  }));
  app.get(`${url}/:uid`, read, (request) =>
    at(request).map(({ role, name }, i) => ({
      id: i + 1,
      roleName: `managed:builtins:${role.toLowerCase()}:permissions`,
      isManaged: true,
      isInherited: false,
      isServiceAccount: false,
      builtInRole: role,
      actions: [],
      permission: name,
    })),
  );
  const set = (request: FastifyRequest, wanted: readonly Body[]): object => {
    const levels = at(request);
    const isSame = wanted.every((one) =>
      levels.some(({ role, name }) => textAt(one, "builtInRole") === role && textAt(one, "permission") === name),
    );
    if (!isSame) throw refusal(400, NOT_TO_CHANGE);
    return { message: "Permissions updated" };
  };
  app.post(`${url}/:uid`, write, (request) => {
    const { permissions } = bodyOfRequest(request);
    if (!Array.isArray(permissions) || !permissions.every(isObject)) throw badRequest();
    return set(request, permissions);
  });
  for (const subject of ["users", "teams", "builtInRoles"]) {
    app.post(`${url}/:uid/${subject}/:subject`, write, (request) => {
      const builtInRole = subject === "builtInRoles" ? pathParameter(request, "subject") : "";
      return set(request, [{ ...bodyOfRequest(request), builtInRole }]);
    });
  }
}

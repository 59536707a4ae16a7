import type { FastifyInstance, FastifyRequest } from "fastify";
import { type GrantedActions, needs } from "../auth/rights.ts";

import type { DashboardStore } from "../dashboards/dashboard-store.ts";
import type { SourceStore } from "../datasources/source-store.ts";
import type { FolderStore } from "../folders/folder-store.ts";
import { badRequest, refusal } from "../web/refusal.ts";
import { type Body, bodyOfRequest, isObject, numberAt, pathParameter, textAt } from "../web/request-body.ts";

export interface PermissionRoutesOptions {
  readonly dashboards: DashboardStore;
  readonly folders: FolderStore;
  readonly sources: SourceStore;
  readonly grantedActions: GrantedActions;
}

/** What roles may do with everything of a kind; an organization's admin may do all in any case. */
const LEVELS = [
  { role: "Editor", permission: 2, name: "Edit" },
  { role: "Viewer", permission: 1, name: "View" },
] as const;

const NOT_TO_CHANGE =
  "permissions of single folders, dashboards and data sources cannot be changed: editors may edit and viewers may view all of them; choose by the role";

/** Who may do what with a folder, a dashboard or a data source: what their role lets them do with all of them. */
export function permissionRoutes(app: FastifyInstance, options: PermissionRoutesOptions): void {
  const { dashboards, folders, sources, grantedActions } = options;
  const folderAt = (request: FastifyRequest): Place => {
    const folder = folders.byUid(pathParameter(request, "uid"));
    if (folder === undefined) throw refusal(404, "folder not found");
    return { uid: folder.uid, title: folder.title, isFolder: true };
  };
  const dashboardAt = (request: FastifyRequest): Place => {
    const record = dashboards.byUid(pathParameter(request, "uid"));
    if (record === undefined) throw refusal(404, "Dashboard not found");
    return { uid: record.uid, title: record.title, isFolder: false };
  };
  const sourceAt = (request: FastifyRequest): void => {
    if (sources.byUid(pathParameter(request, "uid")) === undefined) throw refusal(404, "Data source not found");
  };
  listRoutes(app, "folders", folderAt);
  listRoutes(app, "dashboards/uid", dashboardAt);
  managedRoutes(app, "folders", { check: folderAt, levels: LEVELS });
  managedRoutes(app, "dashboards", { check: dashboardAt, levels: LEVELS });
  const query = LEVELS.map(({ role }) => ({ role, name: "Query" }));
  managedRoutes(app, "datasources", { check: sourceAt, levels: query });
  app.get("/api/access-control/user/actions", needs("viewer"), ({ principal: { grants } }) =>
    Object.fromEntries(grantedActions(grants).map((action) => [action, true])),
  );
  app.get("/api/access-control/user/permissions", needs("viewer"), ({ principal: { grants } }) =>
    Object.fromEntries(grantedActions(grants).map((action) => [action, ["*"]])),
  );
}

/** A folder or a dashboard. */
interface Place {
  readonly uid: string;
  readonly title: string;
  readonly isFolder: boolean;
}

/** `/permissions` of folders and dashboards. */
function listRoutes(app: FastifyInstance, kind: string, at: (request: FastifyRequest) => Place): void {
  const url = `/api/${kind}/:uid/permissions`;
  const [name] = kind.split("/", 1);
  app.get(url, needs("editor", `${name}.permissions:read`), (request) => {
    const place = at(request);
    return LEVELS.map(({ role, permission, name: permissionName }) => ({
      ...place,
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
  app.post(url, needs("admin", `${name}.permissions:write`), (request) => {
    const { isFolder } = at(request);
    const { items } = bodyOfRequest(request);
    if (!Array.isArray(items) || !items.every(isObject)) throw badRequest();
    if (!isAsItIs(items)) throw refusal(400, NOT_TO_CHANGE);
    return { message: isFolder ? "Folder permissions updated" : "Dashboard permissions updated" };
  });
}

/** Are the permissions that somebody sets those that there are? */
function isAsItIs(items: readonly Body[]): boolean {
  const given = items.map((item) => `${textAt(item, "role")} ${numberAt(item, "permission") ?? 0}`);
  return (
    given.toSorted().join() ===
    LEVELS.map(({ role, permission }) => `${role} ${permission}`)
      .toSorted()
      .join()
  );
}

interface Managed {
  /** Throws a refusal where there is no such thing. */
  readonly check: (request: FastifyRequest) => unknown;
  readonly levels: readonly { readonly role: string; readonly name: string }[];
}

/** `/api/access-control/<kind>`: the same, as provisioning tools ask for it. */
function managedRoutes(app: FastifyInstance, kind: string, { check, levels }: Managed): void {
  const read = needs("editor", `${kind}.permissions:read`);
  const write = needs("admin", `${kind}.permissions:write`);
  const url = `/api/access-control/${kind}`;
  app.get(`${url}/description`, read, () => ({
    assignments: { users: false, serviceAccounts: false, teams: false, builtInRoles: true },
    permissions: [...new Set(["View", "Edit", "Admin"].filter(() => kind !== "datasources").concat(levels[0]!.name))],
  }));
  app.get(`${url}/:uid`, read, (request) => {
    check(request);
    return levels.map(({ role, name }, i) => ({
      id: i + 1,
      roleName: `managed:builtins:${role.toLowerCase()}:permissions`,
      isManaged: true,
      isInherited: false,
      isServiceAccount: false,
      builtInRole: role,
      actions: [],
      permission: name,
    }));
  });
  const set = (request: FastifyRequest, wanted: readonly Body[]): object => {
    check(request);
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

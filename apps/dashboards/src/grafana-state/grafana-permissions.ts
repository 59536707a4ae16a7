import type { OrgRole } from "@narthex/http";
import { ownPermissions, type Permission } from "../access/own-permissions.ts";
import { type Subject, subjectKey } from "../access/permission-input.ts";
import { type Level, LEVEL_OF } from "../auth/levels.ts";
import { isTrue, type Row, textOf } from "./grafana-rows.ts";

export interface GrafanaPlace {
  readonly uid: string;
  /** Uid of the folder that contains this folder or dashboard; empty for the root. */
  readonly parentUid: string;
}

/** Grafana's permissions of a folder or dashboard. Users and teams have the ids of Grafana's database. */
export interface PlaceRights {
  /** Permissions of the folder or dashboard itself. */
  readonly own: readonly Permission[];
  /** Permissions of the folders above, which add to the own permissions. */
  readonly inherited: readonly Permission[];
  /** Number of own permissions that are left out. */
  readonly lost: number;
}

type Kind = "folders" | "dashboards";
type Own = Pick<PlaceRights, "own" | "lost">;
type OwnAt = (kind: Kind, uid: string, isAtRoot: boolean) => Own;
type Rows = (table: string) => readonly Row[];

/** Reads Grafana's permissions of folders and dashboards. */
export class GrafanaPermissions {
  readonly #ownAt: OwnAt;
  readonly #parents: ReadonlyMap<string, string>;
  readonly #inFolder = new Map<string, readonly Permission[]>();

  /**
   * @param rows returns all rows of a table; empty if the table does not exist
   * @param folders all folders, including provisioned ones
   */
  constructor(rows: Rows, folders: Iterable<GrafanaPlace>) {
    const permissions = rows("permission");
    this.#ownAt = hasRolePermissions(rows, permissions) ? rolePermissions(rows, permissions) : listedPermissions(rows);
    this.#parents = new Map([...folders].map(({ uid, parentUid }) => [uid, parentUid]));
  }

  rightsOf(kind: Kind, { uid, parentUid }: GrafanaPlace): PlaceRights {
    const inherited = this.#permissionsIn(parentUid);
    return { ...this.#own(kind, uid, parentUid), inherited };
  }

  /** Returns all permissions that apply in a folder: those of the folder and those of the folders above it. */
  #permissionsIn(uid: string): readonly Permission[] {
    const path = new Set<string>();
    for (let next = uid; this.#parents.has(next) && !path.has(next); next = this.#parents.get(next)!) {
      if (this.#inFolder.has(next)) break;
      path.add(next);
    }
    for (const folder of [...path].toReversed()) {
      const parentUid = this.#parents.get(folder)!;
      const inherited = this.#inFolder.get(parentUid) ?? [];
      const { own } = this.#own("folders", folder, parentUid);
      this.#inFolder.set(folder, highest([...inherited, ...own]));
    }
    return this.#inFolder.get(uid) ?? [];
  }

  #own(kind: Kind, uid: string, parentUid: string): Own {
    return this.#ownAt(kind, uid, !this.#parents.has(parentUid));
  }
}

/** Returns the level that permissions give to exactly this role. */
const levelOfRole = (role: OrgRole, permissions: readonly Permission[]): Level =>
  permissions.reduce<Level>(
    (most, one) => ("role" in one && one.role === role && one.level > most ? one.level : most),
    0,
  );

/** Reports whether viewers cannot view or editors cannot edit, which both can by default. */
export const isRestrictedInGrafana = ({ own, inherited }: PlaceRights): boolean =>
  levelOfRole("Viewer", [...own, ...inherited]) < LEVEL_OF.view ||
  levelOfRole("Editor", [...own, ...inherited]) < LEVEL_OF.edit;

/** Returns one permission for each role, user and team: the one with the highest level. Those of roles come first. */
export function highest(permissions: Iterable<Permission>): readonly Permission[] {
  const found = new Map<string, Permission>();
  for (const permission of permissions) {
    const key = subjectKey(permission);
    const known = found.get(key);
    if (known === undefined || known.level < permission.level) found.set(key, permission);
  }
  return [...found.values()].toSorted((a, b) => Number("role" in b) - Number("role" in a));
}

/** Name of the migration with which Grafana 9 and later converts permission lists to permissions of roles. */
const MIGRATION = "dashboard permissions";
const SCOPE = /^(folders|dashboards):(?:(uid|id):)?(.+)$/;

function hasRolePermissions(rows: Rows, permissions: readonly Row[]): boolean {
  return (
    rows("migration_log").some((row) => row["migration_id"] === MIGRATION && Number(row["success"]) === 1) ||
    permissions.some((row) => SCOPE.test(textOf(row["scope"])))
  );
}

/** Reads the table `permission`, whose rows contain an action that a role may perform in a scope. */
function rolePermissions(rows: Rows, permissions: readonly Row[]): OwnAt {
  const subjects = subjectsOfRoles(rows);
  const uids = new Map(rows("dashboard").map((row) => [String(row["id"]), textOf(row["uid"])]));
  const found = new Map<string, Permission[]>();
  for (const row of permissions) {
    const scope = textOf(row["scope"]);
    const [, kind, by, name = ""] = SCOPE.exec(scope) ?? [];
    if (kind === undefined && scope !== "*") continue;
    const level = LEVELS.get(textOf(row["action"]));
    if (level === undefined) continue;
    const places =
      kind === undefined ? ["folders/*", "dashboards/*"] : [`${kind}/${by === "id" ? uids.get(name) : name}`];
    for (const place of places) {
      const list = found.get(place) ?? [];
      for (const subject of subjects.get(row["role_id"]) ?? []) list.push({ ...subject, level });
      found.set(place, list);
    }
  }
  return (kind, uid, isAtRoot) => {
    // Folders within folders inherit what applies to all folders.
    const ofAll = kind === "dashboards" || isAtRoot ? (found.get(`${kind}/*`) ?? []) : [];
    return { own: highest([...(found.get(`${kind}/${uid}`) ?? []), ...ofAll]), lost: 0 };
  };
}

/** Returns the roles, users and teams to which Grafana's own roles are assigned, by the id of the role. */
export function subjectsOfRoles(rows: Rows): ReadonlyMap<unknown, readonly Subject[]> {
  const roles = rows("role").filter(isOfMain);
  const names = new Map(roles.map((row) => [row["id"], textOf(row["name"])]));
  const found = new Map<unknown, Subject[]>();
  const add = (id: unknown, subject: Subject): void => {
    const list = found.get(id);
    if (list === undefined) found.set(id, [subject]);
    else list.push(subject);
  };
  const builtins = [
    ...rows("builtin_role").filter((row) => isOfMain(row) && !isCustomName(names.get(row["role_id"]) ?? "basic")),
    ...roles.map((row) => ({
      role_id: row["id"],
      role: ROLES.find((role) => row["name"] === `managed:builtins:${role.toLowerCase()}:permissions`),
    })),
  ];
  for (const { role_id: id, role } of builtins) {
    const known = ROLES.find((one) => one === role);
    if (known !== undefined) add(id, { role: known });
  }
  const assigned = (kind: "user" | "team"): readonly (readonly [unknown, number])[] =>
    rows(`${kind}_role`)
      .map((row) => [row["role_id"], Number(row[`${kind}_id`]), isOfMain(row)] as const)
      .filter(([role, id, isMain]) => isMain && names.get(role) === `managed:${kind}s:${id}:permissions`)
      .map(([role, id]) => [role, id]);
  for (const [role, userId] of assigned("user")) add(role, { userId });
  for (const [role, teamId] of assigned("team")) add(role, { teamId });
  return found;
}

/** The roles whose permissions are read. Admins have all rights in every folder and on every dashboard. */
const ROLES = ["Viewer", "Editor"] as const satisfies readonly OrgRole[];

/**
 * Returns the names of the roles of Grafana Enterprise whose rights cannot be read: those that users have created, and
 * Grafana's fixed roles that are assigned to users or teams.
 */
export function customRoles(rows: Rows): readonly string[] {
  const assigned = new Set([...rows("user_role"), ...rows("team_role")].filter(isOfMain).map((row) => row["role_id"]));
  return rows("role")
    .filter(isOfMain)
    .filter((row) => {
      const name = textOf(row["name"]);
      return isCustomName(name) || (ASSIGNABLE.has(kindOfRole(name)) && assigned.has(row["id"]));
    })
    .map((row) => textOf(row["name"]));
}

/** First words of the names of Grafana's own roles. Those in ASSIGNABLE can be assigned to users by Enterprise. */
const OWN = new Set(["managed", "basic", "externalservice", "extsvc"]);
const ASSIGNABLE = new Set(["fixed", "plugins"]);

const kindOfRole = (name: string): string => name.split(":", 1)[0]!;

const isCustomName = (name: string): boolean => !OWN.has(kindOfRole(name)) && !ASSIGNABLE.has(kindOfRole(name));

/** The levels that actions give in a folder or on a dashboard. */
const LEVELS: ReadonlyMap<string, Level> = new Map(
  ["folders", "dashboards"].flatMap((kind): readonly (readonly [string, Level])[] => [
    [`${kind}:read`, LEVEL_OF.view],
    [`${kind}:view`, LEVEL_OF.view],
    [`${kind}:write`, LEVEL_OF.edit],
    [`${kind}:edit`, LEVEL_OF.edit],
    [`${kind}.permissions:write`, LEVEL_OF.admin],
    [`${kind}:admin`, LEVEL_OF.admin],
  ]),
);

/**
 * Reads the table `dashboard_acl`, which Grafana used before version 9. Its permissions are 1 for view, 2 for edit and
 * 4 for admin. A folder or dashboard at the root without a list has the default rights.
 */
function listedPermissions(rows: Rows): OwnAt {
  const ids = new Map<string, unknown>();
  const lists = new Map<unknown, { own: Permission[]; lost: number }>();
  for (const row of rows("dashboard")) {
    if (!isOfMain(row)) continue;
    ids.set(`${isTrue(row["is_folder"]) ? "folders" : "dashboards"}/${textOf(row["uid"])}`, row["id"]);
    if (isTrue(row["has_acl"])) lists.set(row["id"], { own: [], lost: 0 });
  }
  for (const row of rows("dashboard_acl")) {
    if (!isOfMain(row) || textOf(row["role"]) === "Admin") continue;
    const list = lists.get(row["dashboard_id"]) ?? { own: [], lost: 0 };
    lists.set(row["dashboard_id"], list);
    const permission = listedPermission(row);
    if (permission === undefined) list.lost++;
    else list.own.push(permission);
  }
  return (kind, uid, isAtRoot) => {
    const list = lists.get(ids.get(`${kind}/${uid}`));
    if (list !== undefined) return { own: highest(list.own), lost: list.lost };
    return { own: ownPermissions({}, isAtRoot), lost: 0 };
  };
}

/** Returns the permission of a row of `dashboard_acl`. Returns undefined if the row does not name exactly one subject. */
function listedPermission(row: Row): Permission | undefined {
  const level = ([1, 2, 4] as const).find((one) => one === Number(row["permission"]));
  const text = textOf(row["role"]);
  const role = ROLES.find((one) => one === text);
  const [userId, teamId] = [Number(row["user_id"] ?? 0), Number(row["team_id"] ?? 0)];
  if (level === undefined || [text !== "", userId > 0, teamId > 0].filter(Boolean).length !== 1) return undefined;
  if (userId > 0) return { userId, level };
  if (teamId > 0) return { teamId, level };
  return role && { role, level };
}

const isOfMain = (row: Row): boolean => [undefined, null, 0, 1].includes(row["org_id"] as number | null | undefined);

import { LEVEL_NAMES, LEVEL_OF, type LevelNames } from "../auth/levels.ts";
import type { ActionsOf } from "./level-actions.ts";
import type { Permission } from "./own-permissions.ts";
import type { Subjects } from "./permission-input.ts";
import type { PermissionPlace } from "./permission-places.ts";

/** Returns the permissions of a folder or dashboard as the routes `/permissions` send them. */
export function permissionItems(place: PermissionPlace, subjects: Subjects): readonly object[] {
  const { uid, title, isFolder, url } = place;
  // The creation time of the object is returned for each permission, because the time of a single permission is not
  // stored.
  const created = new Date(place.created).toISOString();
  const updated = new Date(place.updated).toISOString();
  const item = (permission: Permission, inherited: boolean): object => ({
    created,
    updated,
    uid,
    title,
    slug: "",
    isFolder,
    url,
    ...subjectFields(permission, subjects),
    permission: permission.level,
    permissionName: LEVEL_NAMES[permission.level],
    inherited,
  });
  return [
    ...place.own.map((permission) => item(permission, false)),
    ...place.inherited.map((permission) => item(permission, true)),
  ];
}

function subjectFields(permission: Permission, { account, teams }: Subjects): object {
  const none = { userId: 0, userLogin: "", userEmail: "", teamId: 0, team: "" };
  if ("role" in permission) return { ...none, role: permission.role };
  if ("teamId" in permission) {
    const { teamId } = permission;
    const team = teams.byId(teamId);
    return { ...none, teamId, teamUid: team?.uid ?? "", team: team?.name ?? "", teamEmail: team?.email ?? "" };
  }
  const user = account(permission.userId);
  return {
    ...none,
    userId: permission.userId,
    userUid: user?.uid ?? "",
    userLogin: user?.login ?? "",
    userEmail: user?.email ?? "",
  };
}

/** The names of levels, and the actions that they allow. */
interface ManagedNames {
  readonly names: LevelNames;
  readonly actions: ActionsOf;
}

/** Returns permissions as the routes `/api/access-control` send them. */
export function managedItems(
  own: readonly Permission[],
  inherited: readonly Permission[],
  subjects: Subjects,
  { names, actions }: ManagedNames,
): readonly object[] {
  return [...own.map((one) => [one, false] as const), ...inherited.map((one) => [one, true] as const)].map(
    ([permission, isInherited], i) => ({
      id: i + 1,
      ...managedSubject(permission, subjects),
      isManaged: !isInherited,
      isInherited,
      actions: actions(permission.level),
      permission: names[permission.level],
    }),
  );
}

/** Returns the permission of the organization's admins, whom Grafana's API lists because they always have all rights. */
export const adminItem = ({ names, actions }: ManagedNames): object => ({
  id: 0,
  roleName: "basic:admin",
  isManaged: false,
  isInherited: false,
  isServiceAccount: false,
  builtInRole: "Admin",
  actions: actions(LEVEL_OF.admin),
  permission: names[LEVEL_OF.admin],
});

function managedSubject(permission: Permission, { account, teams }: Subjects): object {
  if ("role" in permission) {
    const { role } = permission;
    return {
      roleName: `managed:builtins:${role.toLowerCase()}:permissions`,
      isServiceAccount: false,
      builtInRole: role,
    };
  }
  if ("teamId" in permission) {
    const { teamId } = permission;
    const team = teams.byId(teamId);
    return {
      roleName: `managed:teams:${teamId}:permissions`,
      isServiceAccount: false,
      team: team?.name ?? "",
      teamId,
      teamUid: team?.uid ?? "",
      teamAvatarUrl: "",
    };
  }
  const { userId } = permission;
  const user = account(userId);
  return {
    roleName: `managed:users:${userId}:permissions`,
    isServiceAccount: user?.isServiceAccount === true,
    userId,
    userUid: user?.uid ?? "",
    userLogin: user?.login ?? "",
    userAvatarUrl: "",
  };
}

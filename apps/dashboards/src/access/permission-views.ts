import { LEVEL_NAMES, type LevelNames } from "../auth/levels.ts";
import type { Permission } from "./own-permissions.ts";
import type { Subjects } from "./permission-input.ts";
import type { PermissionPlace } from "./permission-places.ts";

/** Returns the permissions of a folder or dashboard as the routes `/permissions` send them. */
export function permissionItems(place: PermissionPlace, subjects: Subjects): readonly object[] {
  const { uid, title, isFolder } = place;
  const item = (permission: Permission, inherited: boolean): object => ({
    uid,
    title,
    isFolder,
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

/** Returns permissions as the routes `/api/access-control` send them. */
export function managedItems(
  own: readonly Permission[],
  inherited: readonly Permission[],
  subjects: Subjects,
  names: LevelNames,
): readonly object[] {
  return [...own.map((one) => [one, false] as const), ...inherited.map((one) => [one, true] as const)].map(
    ([permission, isInherited], i) => ({
      id: i + 1,
      ...managedSubject(permission, subjects),
      isManaged: !isInherited,
      isInherited,
      actions: [],
      permission: names[permission.level],
    }),
  );
}

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

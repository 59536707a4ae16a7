import type { Identity, OrgRole } from "@narthex/http";
import { type Level, LEVEL_OF } from "../auth/levels.ts";

/**
 * A permission: gives a level to the accounts with exactly one role, to one user or service account, or to the members
 * of a team.
 */
export type Permission = { readonly level: Level } & (
  | { readonly role: OrgRole }
  | { readonly userId: number }
  | { readonly teamId: number }
);

/** The permissions that are set on a folder or dashboard itself. They add to those of the folders above it. */
export interface OwnPermissions {
  /**
   * If absent, the defaults apply to an object at the root. An object in a folder then has only the permissions of the
   * folder.
   */
  readonly permissions?: readonly Permission[];
  /**
   * Whether the permissions of the folders above and the defaults do not apply. Then only admins and the accounts in
   * `permissions` have rights.
   */
  readonly isForAdmins?: boolean;
  /** Id of the account that created the folder or dashboard. By default, this account has all rights at the root. */
  readonly creatorId?: number;
}

const ROLE_DEFAULTS: readonly Permission[] = [
  { role: "Editor", level: LEVEL_OF.edit },
  { role: "Viewer", level: LEVEL_OF.view },
];

/** Returns the permission settings to store: those that differ from the defaults. */
export const storedPermissions = ({
  permissions,
  isForAdmins,
  creatorId = 0,
}: { readonly [K in keyof OwnPermissions]: OwnPermissions[K] | undefined }): OwnPermissions => ({
  ...(isForAdmins === true ? { isForAdmins } : {}),
  ...(permissions === undefined ? {} : { permissions }),
  ...(creatorId > 0 ? { creatorId } : {}),
});

/** Returns the permissions that are set on a folder or dashboard itself. */
export function ownPermissions(
  { permissions, isForAdmins, creatorId = 0 }: OwnPermissions,
  isAtRoot: boolean,
): readonly Permission[] {
  if (permissions !== undefined) return permissions;
  if (!isAtRoot || isForAdmins === true) return [];
  return creatorId > 0 ? [...ROLE_DEFAULTS, { userId: creatorId, level: LEVEL_OF.admin }] : ROLE_DEFAULTS;
}

/**
 * Returns the level of an account in a folder or on a dashboard.
 *
 * @param inherited the level in the folder above; undefined at the root
 */
export function levelWith(own: OwnPermissions, identity: Identity, inherited: Level | undefined): Level {
  const above: Level = own.isForAdmins === true ? 0 : (inherited ?? 0);
  return levelIn(ownPermissions(own, inherited === undefined), identity, above);
}

/**
 * Returns the highest level that permissions give to an account. A token's role can match other permissions than the
 * account's role, so a token gets at most the level of its account.
 *
 * @param least the level that the account has without the permissions
 */
export function levelIn(permissions: readonly Permission[], identity: Identity, least: Level = 0): Level {
  const level = highestOf(permissions, identity, least);
  const { accountRole: role } = identity;
  if (role === undefined || role === "Admin") return level;
  const ofAccount = highestOf(permissions, { ...identity, role }, least);
  return ofAccount < level ? ofAccount : level;
}

function highestOf(permissions: readonly Permission[], identity: Identity, least: Level): Level {
  let level = least;
  for (const permission of permissions) {
    if (permission.level > level && isFor(permission, identity)) level = permission.level;
  }
  return level;
}

function isFor(permission: Permission, identity: Identity): boolean {
  if ("teamId" in permission) return identity.teams.has(permission.teamId);
  if ("userId" in permission)
    return identity.id > 0 && identity.id === permission.userId && identity.isOutside !== true;
  return identity.role === permission.role;
}

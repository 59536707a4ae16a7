import type { OrgRole } from "@narthex/http";
import type { Teams } from "../auth/teams.ts";
import { badRequest, refusal } from "../web/refusal.ts";
import { type Body, isObject, numberAt, textAt } from "../web/request-body.ts";
import type { Level, LevelNames } from "../auth/levels.ts";
import type { Permission } from "./own-permissions.ts";

/** The accounts and teams to which permissions can be given. */
export interface Subjects {
  /** Returns a user or service account. */
  readonly account: (id: number) => Account | undefined;
  readonly teams: Teams;
}

interface Account {
  readonly uid: string;
  readonly login: string;
  readonly email?: string;
  readonly name?: string;
  readonly isServiceAccount?: boolean;
}

/** The role, user or team of a permission. */
export type Subject = { readonly role: OrgRole } | { readonly userId: number } | { readonly teamId: number };

/** Largest number of permissions of a folder, dashboard, data source or service account. Each check reads all of them. */
export const MAX_PERMISSIONS = 1000;
const ROLES: ReadonlySet<string> = new Set<OrgRole>(["Viewer", "Editor", "Admin"]);

/**
 * Returns a text that identifies the role, user or team of a permission. Two permissions have the same text only if
 * they belong to the same one.
 */
export const subjectKey = (subject: Subject): string =>
  "teamId" in subject ? `team ${subject.teamId}` : "userId" in subject ? `user ${subject.userId}` : subject.role;

/**
 * Returns the role, user or team that a request body names. Throws a refusal if the body names none, several or an
 * unknown one.
 * @param subjects the accounts and teams; undefined for a permission that is removed, because its user may be deleted
 */
export function subjectIn(body: Body, roleKey: "role" | "builtInRole", subjects: Subjects | undefined): Subject {
  const role = textAt(body, roleKey);
  const [userId, teamId] = [numberAt(body, "userId") ?? 0, numberAt(body, "teamId") ?? 0];
  if ([role !== "", userId !== 0, teamId !== 0].filter(Boolean).length !== 1)
    throw refusal(400, `a permission must have exactly one of userId, teamId and ${roleKey}`);
  if (role !== "") {
    if (!ROLES.has(role)) throw refusal(400, `${roleKey} must be Viewer, Editor or Admin`);
    return { role: role as OrgRole };
  }
  if (userId !== 0) {
    if (subjects !== undefined && subjects.account(userId) === undefined)
      throw refusal(400, `there is no user with the id ${userId}`);
    return { userId };
  }
  if (subjects !== undefined && subjects.teams.byId(teamId) === undefined)
    throw refusal(400, `there is no team with the id ${teamId}`);
  return { teamId };
}

/** Returns the objects in a list of a request body. Throws a refusal if the value is not a list of objects. */
export function objectsIn(list: unknown): readonly Body[] {
  if (!Array.isArray(list) || !list.every(isObject)) throw badRequest();
  return list;
}

/**
 * Returns the level with a name of Grafana's API; 0 for an empty name, which removes a permission. Throws a refusal for
 * an unknown name.
 */
export function levelNamed(name: string, names: LevelNames, levels: readonly Level[]): Level {
  const level = ([0, ...levels] as const).find((one) => names[one] === name);
  if (level === undefined)
    throw refusal(400, `permission must be one of ${levels.map((one) => names[one]).join(", ")}`);
  return level;
}

/** Returns the level with a number of Grafana's API. Throws a refusal for an unknown number. */
export function levelNumbered(level: number): Level {
  if (level !== 1 && level !== 2 && level !== 4)
    throw refusal(400, "permission must be 1 (View), 2 (Edit) or 4 (Admin)");
  return level;
}

/**
 * Returns the permissions after some of them were set. A level of 0 removes a permission. Throws a refusal if there are
 * too many.
 */
export function withPermissions(
  before: readonly Permission[],
  changes: readonly (readonly [Subject, Level])[],
): readonly Permission[] {
  const permissions = new Map(before.map((permission) => [subjectKey(permission), permission]));
  for (const [subject, level] of changes) {
    if (level === 0) permissions.delete(subjectKey(subject));
    else permissions.set(subjectKey(subject), { ...subject, level });
  }
  if (permissions.size > MAX_PERMISSIONS) throw refusal(400, `at most ${MAX_PERMISSIONS} permissions are allowed`);
  return [...permissions.values()];
}

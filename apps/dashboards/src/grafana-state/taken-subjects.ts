import { type OwnPermissions, ownPermissions, type Permission } from "../access/own-permissions.ts";
import { MAX_PERMISSIONS, subjectKey } from "../access/permission-input.ts";
import type { ServiceAccount } from "../auth/service-accounts.ts";
import type { Team, TeamMember } from "../auth/teams.ts";
import type { User } from "../auth/users/users.ts";
import { LEVEL_OF } from "../auth/levels.ts";
import { isUid, MAX_UID_LENGTH } from "../state/uids.ts";
import type { GrafanaTeam, GrafanaUser } from "./grafana-database.ts";
import { highest, type PlaceRights } from "./grafana-permissions.ts";

/** The users, service accounts and teams that were imported from Grafana, with their ids there and in this program. */
export class TakenSubjects {
  /** Ids of users and service accounts in this program, by their ids in Grafana. */
  readonly #users: Map<number, number>;
  readonly #teams = new Map<number, number>();

  /** @param here all users of this program, including the imported ones */
  constructor(imported: readonly GrafanaUser[], here: Iterable<User>) {
    // Imported users have exactly the login of Grafana. Another user of this program may have this login as an address.
    const byLogin = new Map([...here].map(({ login, id }) => [login, id]));
    this.#users = new Map(
      imported.flatMap(({ id, isMember, draft }) => {
        const own = byLogin.get(draft.login);
        return own === undefined || !isMember ? [] : [[id, own] as const];
      }),
    );
  }

  /** @param id the id of the account in Grafana */
  addServiceAccount(id: number, account: ServiceAccount): void {
    this.#users.set(id, account.id);
  }

  /** Returns the members of a team that were imported. */
  membersOf(team: GrafanaTeam): readonly TeamMember[] {
    return team.members.flatMap(({ userId, isAdmin }) => {
      const own = this.#users.get(userId);
      return own === undefined ? [] : [{ userId: own, isAdmin }];
    });
  }

  addTeam({ id }: GrafanaTeam, team: Team): void {
    this.#teams.set(id, team.id);
  }

  /**
   * Returns the permissions of an imported folder or dashboard, and the number of Grafana's permissions that are left
   * out.
   *
   * @param isMoved whether the folder that contained it was not imported, so that its permissions must be added
   */
  rightsOf(
    { own, inherited, lost }: PlaceRights,
    { isAtRoot, isMoved }: { readonly isAtRoot: boolean; readonly isMoved: boolean },
  ): { readonly rights: OwnPermissions; readonly lost: number } {
    const wanted = isMoved ? highest([...inherited, ...own]) : own;
    const known = this.permissionsHere(wanted);
    return { rights: shortest(known, isAtRoot), lost: lost + wanted.length - known.length };
  }

  /** Returns those of Grafana's permissions whose user or team was imported, with the ids of this program. */
  permissionsHere(permissions: readonly Permission[]): readonly Permission[] {
    return permissions.flatMap((permission) => this.#translated(permission) ?? []).slice(0, MAX_PERMISSIONS);
  }

  #translated(permission: Permission): Permission | undefined {
    const { level } = permission;
    if ("userId" in permission) {
      const userId = this.#users.get(permission.userId);
      return userId === undefined ? undefined : { userId, level };
    }
    if ("teamId" in permission) {
      const teamId = this.#teams.get(permission.teamId);
      return teamId === undefined ? undefined : { teamId, level };
    }
    return permission;
  }
}

/** Returns permissions in the form to store: the default ones as a creator's id or nothing, others as a list. */
function shortest(permissions: readonly Permission[], isAtRoot: boolean): OwnPermissions {
  const creatorId = permissions.reduce(
    (found, one) => ("userId" in one && one.level === LEVEL_OF.admin ? one.userId : found),
    0,
  );
  const withoutList = [{}, { creatorId }].find((one) => isSame(permissions, ownPermissions(one, isAtRoot)));
  return withoutList ?? { permissions };
}

function isSame(some: readonly Permission[], others: readonly Permission[]): boolean {
  const levels = new Map(others.map((one) => [subjectKey(one), one.level]));
  return some.length === others.length && some.every((one) => levels.get(subjectKey(one)) === one.level);
}

/**
 * Returns the uid of a team, by which a repeated import finds it. For a team without a valid uid, this is the uid with
 * which Grafana 10 fills the column.
 */
export const uidOfTeam = ({ id, uid }: GrafanaTeam): string =>
  isUid(uid) && uid.length <= MAX_UID_LENGTH ? uid : `t${String(id).padStart(9, "0")}`;

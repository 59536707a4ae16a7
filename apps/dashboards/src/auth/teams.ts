import type { ConditionalStore } from "@narthex/store";
import type { Clock } from "@narthex/runtime";
import { DocumentIndex } from "../state/document-index.ts";
import { Documents } from "../state/documents.ts";
import { MEMORY_LIMITS } from "../state/memory-limit.ts";
import { newUid } from "../state/uids.ts";
import type { PreferenceRecord } from "../preferences/preference-record.ts";
import { refusal } from "../web/refusal.ts";

export interface TeamMember {
  readonly userId: number;
  /** Whether the member may change the team and its members. */
  readonly isAdmin: boolean;
  /** True if a group of another system makes the user a member. The membership ends when the user leaves the group. */
  readonly isSynced?: boolean;
}

/** Users who get the same rights in folders, on dashboards and on data sources. */
export interface Team {
  readonly id: number;
  readonly uid: string;
  readonly name: string;
  readonly email: string;
  readonly members: readonly TeamMember[];
  /** Groups of other systems whose members belong to the team: DNs of LDAP groups, names of OIDC groups. */
  readonly groups?: readonly string[];
  /** Selector of the series that the members may read, such as `{team="a"}`. Absent if the team does not limit them. */
  readonly matchers?: string;
  /** Preferences of the members who have none of their own. */
  readonly preferences?: PreferenceRecord;
  /** Unix ms. */
  readonly created: number;
  readonly updated: number;
}

/** A change of a team. Empty matchers remove the limit of the series that members may read. */
type TeamChange = Partial<Pick<Team, "name" | "email" | "members" | "groups" | "matchers" | "preferences">>;

/** Maximum length of a team's name and address, in characters. */
const MAX_TEXT = 189;

const NO_TEAMS: ReadonlySet<number> = new Set();

export class Teams {
  readonly #documents: Documents<Team>;
  readonly #clock: Clock;
  readonly #ofUser: DocumentIndex<Team, number>;

  private constructor(documents: Documents<Team>, clock: Clock) {
    this.#documents = documents;
    this.#clock = clock;
    this.#ofUser = new DocumentIndex(documents, ({ members }) => members.map(({ userId }) => userId));
  }

  static async open(store: ConditionalStore, clock: Clock): Promise<Teams> {
    const options = { oneAtATime: true, memory: MEMORY_LIMITS.teams };
    return new Teams(await Documents.open<Team>(store, "teams", options), clock);
  }

  values(): IteratorObject<Team> {
    return this.#documents.values();
  }

  byId(id: number): Team | undefined {
    return this.#documents.get(String(id));
  }

  byUid(uid: string): Team | undefined {
    return this.#documents.values().find((team) => team.uid === uid);
  }

  /** Whether a team has groups of other systems. */
  get haveGroups(): boolean {
    return this.values().some(({ groups = [] }) => groups.length > 0);
  }

  /** Returns the ids of a user's teams. */
  ofUser(userId: number): ReadonlySet<number> {
    const teams = this.#ofUser.of(userId);
    return teams.length === 0 ? NO_TEAMS : new Set(teams.map(({ id }) => id));
  }

  /**
   * Adds a team. Empty matchers do not limit which series members may read. Rejects with a refusal in Grafana's words,
   * or with StoreError.
   */
  add(draft: Pick<Team, "name" | "email"> & Partial<Pick<Team, "uid" | "members" | "matchers">>): Promise<Team> {
    const now = this.#clock.now();
    const uid = draft.uid ?? newUid();
    return this.#documents.change(() => {
      const made = { members: [], ...draft, uid, created: now, updated: now };
      const result = withoutEmptyLimit({ ...made, id: this.#documents.nextId() });
      this.#check(result, 409);
      return { put: new Map([[String(result.id), result]]), result };
    });
  }

  /** Changes a team. Rejects with a refusal in Grafana's words, or with StoreError. */
  change({ id }: Team, next: (team: Team) => TeamChange): Promise<Team> {
    return this.#documents.change(() => {
      const before = this.byId(id);
      if (before === undefined) throw teamNotFound();
      const result = withoutEmptyLimit({ ...before, ...next(before), updated: this.#clock.now() });
      this.#check(result, 400);
      return { put: new Map([[String(id), result]]), result };
    });
  }

  /**
   * Checks a team's name and address.
   * @param takenStatus status of the refusal if another team has the name; Grafana uses different ones for its routes
   */
  #check({ id, name, email }: Team, takenStatus: number): void {
    if (name === "") throw refusal(400, "Team name cannot be empty");
    if (Math.max(name.length, email.length) > MAX_TEXT)
      throw refusal(400, `name and email of a team can have at most ${MAX_TEXT} characters`);
    const isTaken = this.#documents
      .values()
      .some((team) => team.id !== id && team.name.toLowerCase() === name.toLowerCase());
    if (isTaken) throw refusal(takenStatus, "Team name taken");
  }

  async remove({ id }: Team): Promise<void> {
    await this.#documents.remove(String(id));
  }

  /**
   * Makes a user a member of the teams that have one of the groups, and ends the memberships that came from other
   * groups. Rejects with StoreError.
   */
  async syncGroups(userId: number, groups: ReadonlySet<string>): Promise<void> {
    const own = new Set([...groups].map((group) => group.toLowerCase()));
    await this.#documents.change(() => {
      const before = this.ofUser(userId);
      const changed = new Map<string, Team>();
      for (const team of this.#documents.values()) {
        const isWanted = (team.groups ?? []).some((group) => own.has(group.toLowerCase()));
        // Skips teams whose membership does not change, because proxies and JWTs send the groups with each request.
        if (isWanted === before.has(team.id)) continue;
        const members = isWanted
          ? [...team.members, { userId, isAdmin: false, isSynced: true }]
          : team.members.filter((one) => one.userId !== userId || one.isSynced !== true);
        if (members.length !== team.members.length) changed.set(String(team.id), { ...team, members });
      }
      return { put: changed, result: undefined };
    });
  }

  /** Removes a user from all teams. Rejects with StoreError. */
  async removeUser(userId: number): Promise<void> {
    await this.#documents.change(() => {
      const left = this.#ofUser
        .of(userId)
        .map((team): [string, Team] => [
          String(team.id),
          { ...team, members: team.members.filter((member) => member.userId !== userId) },
        ]);
      return { put: new Map(left), result: undefined };
    });
  }
}

/** Returns a team without the property `matchers` if it is empty, because such a team does not limit its members. */
function withoutEmptyLimit({ matchers, ...team }: Team): Team {
  return matchers === undefined || matchers === "" ? team : { ...team, matchers };
}

export const teamNotFound = (): Error => refusal(404, "Team not found");

import { type DataSource, type RequestContext, type SourceOf, UnavailableSource } from "@narthex/datasources";
import type { Identity, ReadLimit } from "@narthex/http";
import type { FastifyRequest } from "fastify";
import { type Action, type Level, LEVEL_OF, roleLevel } from "../auth/levels.ts";
import { isAtLeast } from "../auth/rights.ts";
import { askingUser } from "../datasources/asking-user.ts";
import { sourceNotFound } from "../datasources/source-change.ts";
import type { SourceInstances } from "../datasources/source-instances.ts";
import type { SourceRecord } from "../datasources/source-record.ts";
import type { SourceStore } from "../datasources/source-store.ts";
import { accessDenied, type Refusal } from "../web/refusal.ts";
import { levelIn, type Permission } from "./own-permissions.ts";

/** Default permissions, for a data source that has no permissions of its own. */
const SOURCE_DEFAULTS: readonly Permission[] = [
  { role: "Editor", level: LEVEL_OF.view },
  { role: "Viewer", level: LEVEL_OF.view },
];

/** Returns the permissions of a source. A source's own permissions replace the defaults. */
export const permissionsOfSource = ({ permissions = SOURCE_DEFAULTS }: SourceRecord): readonly Permission[] =>
  permissions;

/** Used in place of a data source that the sender of a request may not query. It answers each query with status 403. */
const FORBIDDEN = new UnavailableSource("You do not have permission to query this data source", 403);

/** Used in place of a data source whose queries cannot be restricted, for senders who may read only some series. */
const NOT_LIMITED = new UnavailableSource(
  "Your teams or your token limit which series you may read, and this kind of data source cannot be limited",
  403,
);

/** Returns a data source that is restricted to the series that an account may read. */
function limited(source: DataSource | undefined, limit: ReadLimit | undefined): DataSource | undefined {
  if (limit === undefined || source === undefined) return source;
  if (limit.kind === "nothing") return new UnavailableSource(`You may read nothing: ${limit.reason}`, 403);
  return source.limitedTo?.(limit.matchers) ?? NOT_LIMITED;
}

export interface SourcePlaces {
  readonly store: SourceStore;
  readonly instances: Pick<SourceInstances, "recordOf" | "open" | "builtIn" | "sql">;
}

/** Returns the data sources that the sender of a request may query. */
export type VisibleSourcesTo = (request: FastifyRequest) => VisibleSources;

/**
 * Returns the function through which all routes read data sources.
 * @param unknown the identity of senders without an identity; by default, such senders have no rights
 */
export const visibleSourcesIn =
  (places: SourcePlaces, unknown?: Identity): VisibleSourcesTo =>
  (request) =>
    new VisibleSources(places, request.principal.identity ?? unknown, {
      user: askingUser(request),
      right: request.routeOptions.config.action ?? "",
    });

interface Sender {
  /** User name under which the sender's queries are counted. */
  readonly user: string;
  /** Name of the required right, for the message of refusals: `datasources:write`. */
  readonly right: string;
}

/**
 * The data sources that an account may query, and the account's rights on them. The level `view` allows to query and
 * read a data source, `edit` to change it, `admin` to change its permissions and delete it. An object serves one
 * request, because it caches the account's levels.
 */
export class VisibleSources {
  readonly #places: SourcePlaces;
  readonly #identity: Identity | undefined;
  readonly #sender: Sender;
  readonly #levels = new Map<string, Level>();

  constructor(places: SourcePlaces, identity: Identity | undefined, sender: Sender) {
    this.#places = places;
    this.#identity = identity;
    this.#sender = sender;
  }

  #level(record: SourceRecord): Level {
    if (this.#identity === undefined || this.#identity.role === "Admin") return roleLevel(this.#identity);
    let level = this.#levels.get(record.uid);
    if (level === undefined) {
      level = levelIn(permissionsOfSource(record), this.#identity);
      // An account that may read only some series cannot change a data source, because the URL and parameters could
      // select other series.
      if (this.#identity.limit !== undefined && level > LEVEL_OF.view) level = LEVEL_OF.view;
      this.#levels.set(record.uid, level);
    }
    return level;
  }

  may(action: Action, record: SourceRecord): boolean {
    return this.#level(record) >= LEVEL_OF[action];
  }

  /**
   * Reports whether the account may perform an action on at least one data source, or on a data source without
   * permissions of its own.
   */
  mayAnywhere(action: Action): boolean {
    const role = action === "view" ? "Viewer" : "Admin";
    return isAtLeast(this.#identity, role) || this.#places.store.list().some((record) => this.may(action, record));
  }

  /** Throws a refusal if the account may not perform an action on a data source. */
  check(action: Action, record: SourceRecord): void {
    if (!this.may(action, record)) throw this.#denied();
  }

  #denied(): Refusal {
    return accessDenied(this.#sender.right || "datasources:read");
  }

  /** Returns the sources that the account may query, sorted by name. */
  sources(): readonly SourceRecord[] {
    return this.#places.store.list().filter((record) => this.may("view", record));
  }

  /**
   * Returns a data source. Throws a refusal if it does not exist, or if the account may not perform the action on it.
   */
  source(uid: string, action: Action = "view"): SourceRecord {
    return this.#present(this.#places.store.byUid(uid), action);
  }

  sourceNamed(name: string): SourceRecord {
    return this.#present(this.#places.store.byName(name));
  }

  sourceById(id: number): SourceRecord {
    return this.#present(this.#places.store.byId(id));
  }

  #present(record: SourceRecord | undefined, action: Action = "view"): SourceRecord {
    if (record === undefined) throw sourceNotFound();
    this.check(action, record);
    return record;
  }

  /**
   * Returns the data source that a query target names by uid, name or type; undefined for an unknown data source.
   * Throws a refusal if the account may not query it.
   */
  referred(reference: string): DataSource | undefined {
    const found = this.#sourceOf(reference);
    if (found === FORBIDDEN) throw this.#denied();
    return found;
  }

  /**
   * Context in which the sender's queries run. Data sources that the account may not query are replaced by FORBIDDEN.
   */
  get context(): RequestContext {
    return { user: this.#sender.user, sourceOf: this.#sourceOf, sql: this.#places.instances.sql };
  }

  readonly #sourceOf: SourceOf = (reference) => {
    const { instances } = this.#places;
    const record = instances.recordOf(reference);
    const limit = this.#identity?.limit;
    if (record === undefined) return limited(instances.builtIn(reference), limit);
    return this.may("view", record) ? limited(instances.open(record).source, limit) : FORBIDDEN;
  };
}

import { Labels } from "@narthex/model";
import type { Emit } from "../../discoverer.ts";
import type { TargetGroup } from "../../target-group.ts";
import type { Joined, JoinedKind, JoinedKinds } from "./joined.ts";
import type { ObjectEvent, ObjectStore, StoreListener } from "./object-store.ts";
import type { Role } from "./role.ts";
import type { AttachMetadata } from "./section.ts";

/** Stores of the kinds of objects that the groups of a role use. Kinds that are not watched are absent. */
export type JoinedStores = { readonly [K in JoinedKind]?: ObjectStore<JoinedKinds[K]> };

/** Input of a role's target groups, and the callbacks for results. */
export interface RoleGroupsOptions<T> {
  readonly role: Role<T>;
  readonly attach: AttachMetadata;
  readonly store: ObjectStore<T>;
  readonly joined: JoinedStores;
  readonly emit: Emit;
  /** Called for each event of a kind of object, for the event counters. */
  readonly count: (kind: string, event: ObjectEvent) => void;
  /** Called with the key of an object if its target group cannot be built. */
  readonly onNoAddress: (key: string) => void;
}

/**
 * Builds the target groups of one role from its objects. Records which objects each group has looked up, existing or
 * not, so that a change rebuilds only the groups that looked up the changed object.
 */
export class RoleGroups<T> {
  readonly #options: RoleGroupsOptions<T>;
  /** Keys of objects whose groups must be rebuilt. */
  readonly #stale = new Set<string>();
  /** For each group, the objects that it has looked up. */
  readonly #seen = new Map<string, ReadonlySet<string>>();
  /** For each object, the groups that have looked it up. The object need not exist. */
  readonly #readers = new Map<string, Set<string>>();

  constructor(options: RoleGroupsOptions<T>) {
    this.#options = options;
  }

  /** Starts to listen for changes of the role's objects and related objects. */
  follow(): void {
    const { role, store, joined, count } = this.#options;
    store.listen({
      changed: (key, event, isSame) => {
        count(role.name, event);
        if (!isSame) this.#stale.add(key);
      },
      settled: () => this.#flush(),
    });
    for (const [kind, joinedStore] of Object.entries(joined)) joinedStore.listen(this.#reader(kind));
  }

  #reader(kind: string): StoreListener {
    return {
      changed: (key, event, isSame) => {
        this.#options.count(kind, event);
        if (isSame) return;
        for (const reader of this.#readers.get(`${kind}/${key}`) ?? []) this.#stale.add(reader);
      },
      settled: () => this.#flush(),
    };
  }

  /** Emits the target groups that have changed. Emits nothing before all objects have been listed. */
  #flush(): void {
    const { store, joined, emit } = this.#options;
    if (!store.isComplete || Object.values(joined).some((other) => !other.isComplete)) return;
    const groups = [...this.#stale].flatMap((key) => this.#make(key));
    this.#stale.clear();
    if (groups.length > 0) emit(groups);
  }

  #make(key: string): TargetGroup | [] {
    const { role, store, onNoAddress } = this.#options;
    const source = `${role.source}/${key}`;
    const object = store.get(key);
    const seen = new Set<string>();
    const group = object === undefined ? undefined : role.group(object, this.#watched(seen));
    this.#note(key, seen);
    if (group !== undefined) return { source, ...group };
    if (object === undefined) return { source, targets: [], labels: Labels.EMPTY };
    onNoAddress(key);
    return [];
  }

  /** Returns lookup functions for related objects. Every lookup is recorded in `seen`. */
  #watched(seen: Set<string>): Joined {
    const { attach, joined } = this.#options;
    return {
      attach,
      find: (kind, key) => {
        seen.add(`${kind}/${key}`);
        return joined[kind]?.get(key);
      },
    };
  }

  #note(key: string, seen: ReadonlySet<string>): void {
    for (const tag of this.#seen.get(key) ?? []) {
      if (seen.has(tag)) continue;
      const readers = this.#readers.get(tag)!;
      readers.delete(key);
      if (readers.size === 0) this.#readers.delete(tag);
    }
    for (const tag of seen) {
      const readers = this.#readers.get(tag);
      if (readers === undefined) this.#readers.set(tag, new Set([key]));
      else readers.add(key);
    }
    if (seen.size === 0) this.#seen.delete(key);
    else this.#seen.set(key, seen);
  }
}

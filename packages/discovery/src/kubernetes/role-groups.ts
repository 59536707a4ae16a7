import { Labels } from "@narthex/model";
import type { Emit } from "../discoverer.ts";
import type { TargetGroup } from "../target-group.ts";
import type { Joined, JoinedKind, JoinedKinds } from "./joined.ts";
import type { ObjectEvent, ObjectStore, StoreListener } from "./object-store.ts";
import type { Role } from "./role.ts";
import type { AttachMetadata } from "./section.ts";

/** Stores of the kinds a role's groups look at; a kind that is not watched is absent. */
export type JoinedStores = { readonly [K in JoinedKind]?: ObjectStore<JoinedKinds[K]> };

/** What groups are made with, and where they go. */
export interface RoleGroupsOptions<T> {
  readonly role: Role<T>;
  readonly attach: AttachMetadata;
  readonly store: ObjectStore<T>;
  readonly joined: JoinedStores;
  readonly emit: Emit;
  /** Hears of each event of a kind, for counting. */
  readonly count: (kind: string, event: ObjectEvent) => void;
  /** Hears of objects of which nothing can be said. */
  readonly puzzled: (key: string) => void;
}

/**
 * Keeps the groups of one role equal to its objects. While a group is made, every object it looks at is noted, found or
 * not: a change of that object makes this group again, and no other.
 */
export class RoleGroups<T> {
  readonly #options: RoleGroupsOptions<T>;
  /** Keys of objects whose groups are to be made. */
  readonly #stale = new Set<string>();
  /** What each group looked at. */
  readonly #seen = new Map<string, ReadonlySet<string>>();
  /** The groups that looked at an object, known or not. */
  readonly #readers = new Map<string, Set<string>>();

  constructor(options: RoleGroupsOptions<T>) {
    this.#options = options;
  }

  /** Begins to hear of changes. */
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

  /** Emits what changed, once everything there is has been listed. */
  #flush(): void {
    const { store, joined, emit } = this.#options;
    if (!store.isComplete || Object.values(joined).some((other) => !other.isComplete)) return;
    const groups = [...this.#stale].flatMap((key) => this.#make(key));
    this.#stale.clear();
    if (groups.length > 0) emit(groups);
  }

  #make(key: string): TargetGroup | [] {
    const { role, store, puzzled } = this.#options;
    const source = `${role.source}/${key}`;
    const object = store.get(key);
    const seen = new Set<string>();
    const group = object === undefined ? undefined : role.group(object, this.#watched(seen));
    this.#note(key, seen);
    if (group !== undefined) return { source, ...group };
    if (object === undefined) return { source, targets: [], labels: Labels.EMPTY };
    puzzled(key);
    return [];
  }

  /** The joined kinds, every look at them noted. */
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

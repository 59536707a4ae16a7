import { Labels } from "@narthex/model";
import type { Emit } from "../discoverer.ts";
import type { TargetGroup } from "../target-group.ts";
import type { Joined, JoinedKind, JoinedKinds } from "./joined.ts";
import type { ObjectEvent, ObjectStore, StoreListener } from "./object-store.ts";
import type { Role } from "./role.ts";
import type { AttachMetadata } from "./section.ts";

/** Stores of the kinds that a role's groups use. A kind that is not watched is absent. */
export type JoinedStores = { readonly [K in JoinedKind]?: ObjectStore<JoinedKinds[K]> };

/** The objects from which the groups of a role are built, and the receiver of the groups. */
export interface RoleGroupsOptions<T> {
  readonly role: Role<T>;
  readonly attach: AttachMetadata;
  readonly store: ObjectStore<T>;
  readonly joined: JoinedStores;
  readonly emit: Emit;
  /** Called for each event of a kind, to count it. */
  readonly count: (kind: string, event: ObjectEvent) => void;
  /** Called with the key of an object if its group cannot be built. */
  readonly onNoAddress: (key: string) => void;
}

/**
 * Keeps the groups of one role equal to its objects. All objects that are looked up while a group is built are
 * recorded, even if they do not exist. A change of such an object rebuilds only the groups that looked it up.
 */
export class RoleGroups<T> {
  readonly #options: RoleGroupsOptions<T>;
  /** Keys of objects whose groups must be rebuilt. */
  readonly #stale = new Set<string>();
  /** By group, the objects that were looked up for it. */
  readonly #seen = new Map<string, ReadonlySet<string>>();
  /** By object, the groups that looked it up. The object need not exist. */
  readonly #readers = new Map<string, Set<string>>();

  constructor(options: RoleGroupsOptions<T>) {
    this.#options = options;
  }

  /** Starts to follow changes. */
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

  /** Emits the changed groups, after all objects have been listed. */
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

  /** Returns the related objects. Every lookup is recorded in `seen`. */
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

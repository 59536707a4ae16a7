import { type Clock, type Logger, runStepByStep, type Steps } from "@narthex/runtime";
import { findInconsistency } from "./consistency.ts";
import { Expiries } from "./expiries.ts";
import { FamilyIndex } from "./family-index.ts";
import { type GroupLabels, groupKey } from "./group-key.ts";
import type { GroupChange, GroupPersistence } from "./group-persistence.ts";
import { type GroupLimits, limitProblem } from "./group-limits.ts";
import type { OwnFamilies } from "../metrics/own-families.ts";
import { PUSH_FAILURE_TIME, PUSH_TIME, pushFailureTime, pushTime } from "./push-times.ts";
import type { ReadFamily } from "../metrics/read-family.ts";
import {
  identityAt,
  MAX_SEALED_BYTES,
  type SealedFamily,
  sealFamily,
  sealSteps,
  type StoredFamily,
  TooMuchError,
} from "../metrics/stored-family.ts";
import { WriteQueue } from "./write-queue.ts";

/** The metrics that were pushed under one URL, with the labels from this URL. */
export interface Group {
  readonly labels: GroupLabels;
  readonly families: ReadonlyMap<string, StoredFamily>;
  /** Time when the group expires, ms since 1970; undefined if it never expires. */
  readonly expiresAtMs: number | undefined;
}

/** One push. PUT replaces all metrics of the group; POST replaces only metrics whose names are in the push. */
export interface Push {
  readonly labels: GroupLabels;
  readonly families: readonly ReadFamily[];
  readonly isReplacing: boolean;
  /** Time in ms that the group is kept after this push; undefined if forever. */
  readonly ttlMs?: number | undefined;
}

/** Result of a push: stored, refused with Pushgateway's reason, or refused because it exceeds a limit. */
export type PushOutcome =
  | { readonly kind: "stored" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "limited"; readonly limit: "bytes" | "series" | "groups"; readonly reason: string };

export interface PushGroupsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether a push is refused if it would make scrapes fail. */
  readonly isChecking: boolean;
  /** Saves changes before pushes are acknowledged; undefined to keep groups in memory only. */
  readonly persistence: GroupPersistence | undefined;
  readonly limits?: GroupLimits;
  /** Maximum size of a push in bytes, after the group's labels are added to each metric. */
  readonly maxPushBytes?: number;
}

interface HeldGroup extends Group {
  readonly families: Map<string, StoredFamily>;
  expiresAtMs: number | undefined;
}

/**
 * Adds the group's labels to the pushed metrics and encodes them. The time of the push is set later, when they are
 * stored. Throws TooMuchError.
 */
function* sealAll({ families, labels }: Push, maxBytes = MAX_SEALED_BYTES): Steps<SealedFamily[]> {
  const budget = { maxBytes, bytes: 0 };
  const sealed: SealedFamily[] = [];
  for (const family of families) sealed.push(yield* sealSteps(family, labels, 0, budget));
  return sealed;
}

/**
 * All pushed groups. Pushes and deletions are processed one after another. A push is written to the disk before its
 * request is answered, and before scrapes see its metrics.
 */
export class PushGroups {
  readonly name = "groups";
  readonly #options: PushGroupsOptions;
  readonly #groups = new Map<string, HeldGroup>();
  readonly #queue: WriteQueue;
  readonly #expiries: Expiries;
  #own: OwnFamilies = new Map();
  /**
   * Index of all metrics, from which scrapes are answered. The index may contain changes that are not on the disk yet;
   * read() waits for them.
   */
  readonly index = new FamilyIndex();

  constructor(options: PushGroupsOptions) {
    this.#options = options;
    this.#queue = new WriteQueue(options.persistence, options.logger);
    this.#expiries = new Expiries(options.clock, (key) => this.#expire(key));
  }

  /** Loads the stored groups and removes expired ones. Must be called before the first push. */
  async restore(): Promise<void> {
    for (const { labels, families, expiresAtMs } of (await this.#options.persistence?.load()) ?? []) {
      const key = groupKey(labels);
      const put = families.map(({ family, pushedAtMs }) => sealFamily(family, labels, pushedAtMs).stored);
      this.#apply({ key, labels, put, removed: [], expiresAtMs });
    }
    await this.read(() => undefined);
  }

  /** Stops the timer that removes expired groups. */
  stop(): void {
    this.#expiries.stop();
  }

  /** Sets the gateway's own metrics. Pushed metrics must not contradict them. */
  setOwnFamilies(own: OwnFamilies): void {
    this.#own = own;
  }

  get own(): OwnFamilies {
    return this.#own;
  }

  /** Groups in the order of their creation. */
  get groups(): Iterable<Group> {
    return this.#groups.values();
  }

  get isQueueFull(): boolean {
    return this.#queue.isFull;
  }

  /**
   * Returns the reason why changes cannot be saved now, or undefined. After a failure, tests whether writing works
   * again.
   */
  writeProblem(): Promise<string | undefined> {
    return this.#queue.problem();
  }

  /**
   * Calls `look` when all earlier pushes are on the disk, and returns the result of `look`. The result must not share
   * objects with the groups or the index, because later pushes change these objects.
   */
  read<T>(look: () => T): Promise<T> {
    return this.#queue.read(look);
  }

  /** Returns a copy of the groups after all changes are on the disk. Later pushes do not change the copy. */
  snapshot(): Promise<readonly Group[]> {
    return this.read(() => [...this.#groups.values()].map((one) => ({ ...one, families: new Map(one.families) })));
  }

  /**
   * Stores or refuses a push. A refusal is recorded in the group's push_failure_time_seconds, except if the push
   * exceeds the limit of bytes or groups. Throws StoreError.
   */
  async push(push: Push): Promise<PushOutcome> {
    let sealed: readonly SealedFamily[];
    try {
      sealed = await runStepByStep(sealAll(push, this.#options.maxPushBytes));
    } catch (error) {
      if (error instanceof TooMuchError) return { kind: "limited", limit: "bytes", reason: error.message };
      throw error;
    }
    return this.#queue.add((write) => this.#push(push, sealed, write));
  }

  #push(
    push: Push,
    sealed: readonly SealedFamily[],
    write: (change: GroupChange, undo: () => void) => void,
  ): PushOutcome {
    const { labels, ttlMs } = push;
    const key = groupKey(labels);
    const nowMs = this.#options.clock.now();
    const held = this.#groups.get(key);
    const families = this.#familiesOf(push, sealed, held, nowMs);
    const { reason, limit } = this.#problemWith(key, push, families, held);
    if (limit === "groups") return { kind: "limited", limit, reason: reason! };
    const expiresAtMs = ttlMs === undefined ? undefined : nowMs + ttlMs;
    const change =
      reason === undefined
        ? { key, labels, put: families.added.map(({ stored }) => stored), removed: families.removed, expiresAtMs }
        : this.#failure(key, push, nowMs, held === undefined ? expiresAtMs : held.expiresAtMs);
    // Records the refusal in push_failure_time_seconds of the group, unless this metric would make every scrape fail.
    if (change !== undefined) write(change, this.#apply(change));
    if (reason === undefined) return { kind: "stored" };
    return limit === undefined ? { kind: "refused", reason } : { kind: "limited", limit, reason };
  }

  /** Deletes a group. Does nothing if the group does not exist. Throws StoreError. */
  delete(labels: GroupLabels): Promise<void> {
    return this.#queue.add((write) => this.#drop(groupKey(labels), write));
  }

  /** Deletes every group. Throws StoreError. */
  wipe(): Promise<void> {
    return this.#queue.add((write) => {
      for (const key of this.#groups.keys()) this.#drop(key, write);
    });
  }

  #expire(key: string): void {
    const drop = this.#queue.add((write) => {
      const expiresAtMs = this.#groups.get(key)?.expiresAtMs;
      if (expiresAtMs === undefined) return;
      if (expiresAtMs <= this.#options.clock.now()) this.#drop(key, write);
      else this.#expiries.add(key, expiresAtMs);
    });
    // Ignores the error, which the queue has already reported. The removal is tried again later.
    drop.catch(() => this.#expiries.retry(key));
  }

  /** Returns the metrics that a push adds, and the names of the metrics that it removes. */
  #familiesOf(
    { labels, isReplacing }: Push,
    sealed: readonly SealedFamily[],
    held: HeldGroup | undefined,
    nowMs: number,
  ): { added: SealedFamily[]; removed: string[] } {
    const put = new Map(
      sealed.map(({ stored, metrics }) => [stored.name, { stored: { ...stored, pushedAtMs: nowMs }, metrics }]),
    );
    put.set(PUSH_TIME, pushTime(labels, nowMs / 1000, nowMs));
    if (held?.families.has(PUSH_FAILURE_TIME) !== true) put.set(PUSH_FAILURE_TIME, pushFailureTime(labels, 0, nowMs));
    const stays = (name: string): boolean => name === PUSH_TIME || name === PUSH_FAILURE_TIME || put.has(name);
    const removed = isReplacing ? [...(held?.families.keys() ?? [])].filter((name) => !stays(name)) : [];
    return { added: [...put.values()], removed };
  }

  #problemWith(
    key: string,
    { families }: Push,
    { added, removed }: { readonly added: readonly SealedFamily[]; readonly removed: readonly string[] },
    held: HeldGroup | undefined,
  ): { readonly reason: string | undefined; readonly limit?: "series" | "groups" } {
    const stored = added.map((family) => family.stored);
    const over = limitProblem(this.#options.limits, held?.families, stored, removed, this.#groups.size);
    if (over !== undefined) return over;
    if (families.some(({ isTimed }) => isTimed)) return { reason: "pushed metrics must not have timestamps" };
    if (!this.#options.isChecking) return { reason: undefined };
    const change = { group: key, held: held?.families ?? new Map(), added, removed: new Set(removed) };
    return { reason: findInconsistency(change, this.index, this.#own) };
  }

  /**
   * Returns the change that records a refused push in push_failure_time_seconds. Returns undefined if this metric would
   * make scrapes fail: if another group has the same labels except for an empty one (`instance=""` or no `instance`),
   * or has pushed metrics with the names of the push times.
   */
  #failure(key: string, { labels }: Push, nowMs: number, expiresAtMs: number | undefined): GroupChange | undefined {
    const held = this.#groups.get(key)?.families;
    const put = [pushFailureTime(labels, nowMs / 1000, nowMs).stored];
    if (held?.has(PUSH_TIME) !== true) put.push(pushTime(labels, 0, nowMs).stored);
    const fits = (family: StoredFamily): boolean =>
      (this.index.typeElsewhere(family.name, key) ?? family.type) === family.type &&
      !this.index.holdersElsewhere(held?.get(family.name))(identityAt(family, 0));
    if (this.#options.isChecking && !put.every(fits)) return undefined;
    return { key, labels, put, removed: [], expiresAtMs };
  }

  /** Applies a push or deletion to a group in memory. Returns a function that undoes it. */
  #apply({ key, labels, put, removed, expiresAtMs }: GroupChange): () => void {
    const known = this.#groups.get(key);
    const group: HeldGroup = known ?? { labels, families: new Map(), expiresAtMs };
    if (known === undefined) this.#groups.set(key, group);
    const before: GroupChange = {
      key,
      labels,
      put: [...removed, ...put.map(({ name }) => name)].flatMap((name) => group.families.get(name) ?? []),
      removed: put.map(({ name }) => name).filter((name) => !group.families.has(name)),
      expiresAtMs: group.expiresAtMs,
    };
    this.#change(key, group, put, removed);
    group.expiresAtMs = expiresAtMs;
    if (expiresAtMs !== undefined) this.#expiries.add(key, expiresAtMs);
    return () => {
      this.#change(key, group, before.put, before.removed);
      group.expiresAtMs = before.expiresAtMs;
      if (known === undefined) this.#groups.delete(key);
    };
  }

  #change(key: string, group: HeldGroup, put: readonly StoredFamily[], removed: readonly string[]): void {
    for (const name of removed) {
      const family = group.families.get(name);
      if (family === undefined) continue;
      this.index.remove(key, family);
      group.families.delete(name);
    }
    for (const family of put) {
      const old = group.families.get(family.name);
      if (old === undefined) this.index.add(key, family);
      else this.index.replace(key, old, family);
      group.families.set(family.name, family);
    }
  }

  #drop(key: string, write: (change: GroupChange, undo: () => void) => void): void {
    const group = this.#groups.get(key);
    if (group === undefined) return;
    const families = [...group.families.values()];
    const removed = families.map(({ name }) => name);
    this.#change(key, group, [], removed);
    this.#groups.delete(key);
    write({ key, labels: group.labels, put: [], removed, expiresAtMs: undefined }, () => {
      this.#groups.set(key, group);
      this.#change(key, group, families, []);
    });
  }
}

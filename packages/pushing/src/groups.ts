import type { MetricFamily } from "@narthex/exposition";
import type { Clock } from "@narthex/runtime";
import { findInconsistency } from "./consistency.ts";
import { FamilyIndex, type FamilyText, type OwnFamilies } from "./family-index.ts";
import { type GroupLabels, groupKey } from "./group-key.ts";
import type { GroupChange, GroupKeeper } from "./group-keeper.ts";
import { PUSH_FAILURE_TIME, PUSH_TIME, pushFailureTime, pushTime } from "./push-times.ts";
import { type PushedFamily, pushedFamily } from "./pushed-family.ts";

/** The metrics pushed under one grouping key. */
export interface Group {
  readonly labels: GroupLabels;
  readonly families: ReadonlyMap<string, PushedFamily>;
}

/** One push: PUT replaces what the group holds, POST only the families it brings. */
export interface Push {
  readonly labels: GroupLabels;
  readonly families: readonly MetricFamily[];
  readonly isReplacing: boolean;
}

/** A push is taken, or refused with Pushgateway's reason. */
export type PushOutcome = { readonly kind: "stored" } | { readonly kind: "refused"; readonly reason: string };

export interface PushGroupsOptions {
  readonly clock: Clock;
  /** Refuse pushes after which a scrape would fail. */
  readonly isChecking: boolean;
  /** Where changes are kept before they are acknowledged; undefined for memory only. */
  readonly keeper: GroupKeeper | undefined;
}

/** Changes waiting for their turn; beyond this the gateway calls itself unhealthy, as upstream's queue of this length. */
const FULL_QUEUE = 1000;

/** All pushed groups. Changes happen one after the other, each on disk before the next and before its answer. */
export class PushGroups {
  readonly #options: PushGroupsOptions;
  readonly #groups = new Map<string, { labels: GroupLabels; families: Map<string, PushedFamily> }>();
  readonly #index = new FamilyIndex();
  #own: OwnFamilies = new Map();
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(options: PushGroupsOptions) {
    this.#options = options;
  }

  /** Takes in what the keeper has; before the first push. */
  async restore(): Promise<void> {
    for (const { labels, families } of (await this.#options.keeper?.load()) ?? []) {
      this.#apply({ key: groupKey(labels), labels, put: families, removed: [] });
    }
  }

  /** Tells which families the process itself exposes: pushed ones must agree with their types. */
  setOwnFamilies(families: readonly MetricFamily[]): void {
    this.#own = new Map(families.map((family) => [family.name, family]));
  }

  /** Groups in order of their making. */
  get groups(): Iterable<Group> {
    return this.#groups.values();
  }

  get isQueueFull(): boolean {
    return this.#waiting >= FULL_QUEUE;
  }

  /** Stores a push, or refuses it and notes the refusal in the group's push_failure_time_seconds. */
  push(push: Push): Promise<PushOutcome> {
    return this.#inTurn(async () => {
      const key = groupKey(push.labels);
      const nowMs = this.#options.clock.now();
      const change = this.#changeFor(key, push, nowMs);
      const reason = this.#problemWith(push, change);
      await this.#commit(reason === undefined ? change : this.#failureFor(key, push.labels, nowMs));
      return reason === undefined ? { kind: "stored" } : { kind: "refused", reason };
    });
  }

  /** Deletes a group; an unknown one is no mistake. */
  delete(labels: GroupLabels): Promise<void> {
    return this.#inTurn(() => this.#drop(groupKey(labels)));
  }

  /** Deletes every group. */
  wipe(): Promise<void> {
    return this.#inTurn(async () => {
      for (const key of this.#groups.keys()) await this.#drop(key);
    });
  }

  /** What a scrape shows of the groups; or why it must fail. */
  expose(): { readonly families: MetricFamily[] } | { readonly problem: string } {
    const problem = this.#index.problem();
    if (problem !== undefined) return { problem };
    return { families: this.#index.families((name) => this.#own.get(name)?.help) };
  }

  /** As `expose`, in the text format and one text per name; for servers that allow classic names only. */
  exposeText(): { readonly texts: readonly FamilyText[] } | { readonly problem: string } {
    const problem = this.#index.problem();
    if (problem !== undefined) return { problem };
    return { texts: this.#index.texts((name) => this.#own.get(name)?.help) };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const turn = this.#turn.then(work).finally(() => this.#waiting--);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #changeFor(key: string, { labels, families, isReplacing }: Push, nowMs: number): GroupChange {
    const held = this.#groups.get(key)?.families;
    const put = new Map<string, PushedFamily>();
    for (const family of families) put.set(family.name, pushedFamily(family, labels, nowMs));
    put.set(PUSH_TIME, pushTime(labels, nowMs / 1000, nowMs));
    if (held?.has(PUSH_FAILURE_TIME) !== true) put.set(PUSH_FAILURE_TIME, pushFailureTime(labels, 0, nowMs));
    const stays = (name: string): boolean => name === PUSH_TIME || name === PUSH_FAILURE_TIME || put.has(name);
    const removed = isReplacing ? [...(held?.keys() ?? [])].filter((name) => !stays(name)) : [];
    return { key, labels, put: [...put.values()], removed };
  }

  #problemWith(push: Push, change: GroupChange): string | undefined {
    const isTimed = push.families.some((family) => family.samples.some((sample) => sample.timestampMs !== undefined));
    if (isTimed) return "pushed metrics must not have timestamps";
    if (!this.#options.isChecking) return undefined;
    const held = this.#groups.get(change.key)?.families ?? new Map<string, PushedFamily>();
    const { key: group, put: added } = change;
    return findInconsistency({ group, held, added, removed: new Set(change.removed) }, this.#index, this.#own);
  }

  #failureFor(key: string, labels: GroupLabels, nowMs: number): GroupChange {
    const put = [pushFailureTime(labels, nowMs / 1000, nowMs)];
    if (this.#groups.get(key)?.families.has(PUSH_TIME) !== true) put.push(pushTime(labels, 0, nowMs));
    return { key, labels, put, removed: [] };
  }

  async #commit(change: GroupChange): Promise<void> {
    await this.#options.keeper?.save(change);
    this.#apply(change);
  }

  #apply({ key, labels, put, removed }: GroupChange): void {
    let group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, (group = { labels, families: new Map() }));
    const gone = [...removed, ...put.map(({ name }) => name)];
    for (const name of gone) {
      const family = group.families.get(name);
      if (family === undefined) continue;
      this.#index.remove(key, family);
      group.families.delete(name);
    }
    for (const family of put) {
      this.#index.add(key, family);
      group.families.set(family.name, family);
    }
  }

  async #drop(key: string): Promise<void> {
    const group = this.#groups.get(key);
    if (group === undefined) return;
    await this.#options.keeper?.drop(group.labels, [...group.families.keys()]);
    for (const family of group.families.values()) this.#index.remove(key, family);
    this.#groups.delete(key);
  }
}

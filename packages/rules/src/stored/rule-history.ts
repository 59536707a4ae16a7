import type { Collection } from "@narthex/store";
import { type Clock, isProgramFault, TimeSlice } from "@narthex/runtime";

/** Maximum number of changes that are kept. */
const MAX_CHANGES = 2000;
/** Maximum size of all kept changes in bytes. */
const MAX_BYTES = 32 * 1024 * 1024;
/** Maximum number of characters of an answer. Older changes are in further answers. */
const MAX_ANSWER = 4 * 1024 * 1024;
/** Number of changes that are read in one step. */
const BATCH = 20;
const NEVER = Number.MAX_SAFE_INTEGER;

/** The sender of a change. */
export interface Author {
  /** Name of the user or of the token; "" if the server does not ask for one. */
  readonly user: string;
  /** Network address of the client. */
  readonly address: string;
}

/** A change of one group. */
export interface GroupChange extends Author {
  readonly id: number;
  /** Time of the change, Unix ms. */
  readonly at: number;
  readonly namespace: string;
  readonly group: string;
  /** The group as YAML before the change; null if it did not exist. */
  readonly before: string | null;
  /** The group as YAML after the change; null if it was deleted. */
  readonly after: string | null;
}

/** A part of the history. */
export interface HistoryQuery {
  readonly namespace?: string | undefined;
  readonly group?: string | undefined;
  /** Only changes with lower numbers. */
  readonly beforeId?: number | undefined;
  readonly limit: number;
}

/** The last changes of stored rules: who changed which group when, with its text before and after. */
export class RuleHistory {
  readonly #collection: Collection;
  readonly #clock: Clock;
  #lastId: number;

  private constructor(collection: Collection, clock: Clock, lastId: number) {
    this.#collection = collection;
    this.#clock = clock;
    this.#lastId = lastId;
  }

  static async open(collection: Collection, clock: Clock): Promise<RuleHistory> {
    const [newest] = await collection.latest({}, 1);
    return new RuleHistory(collection, clock, newest === undefined ? 0 : Number(newest.key));
  }

  /** Adds changes with new numbers, and drops the oldest ones beyond the limits. Rejects with StoreError. */
  async add(changes: readonly Omit<GroupChange, "id">[]): Promise<readonly number[]> {
    const entries = changes.map((change) => {
      const id = ++this.#lastId;
      return { key: keyOf(id), value: JSON.stringify({ ...change, id }), expiresAt: NEVER };
    });
    await this.#collection.change(entries, []);
    return entries.map(({ key }) => Number(key));
  }

  /** Removes changes that were not carried out. */
  async withdraw(ids: readonly number[]): Promise<void> {
    await this.#collection.change([], ids.map(keyOf));
  }

  /** Drops the oldest changes beyond the limits. */
  async trim(): Promise<void> {
    await this.#collection.trim({ from: "", count: MAX_CHANGES }, MAX_CHANGES);
    for (let count = MAX_CHANGES / 2; count >= 1 && (await this.#collection.size()) > MAX_BYTES; count = count >> 1) {
      await this.#collection.trim({ from: "", count }, MAX_CHANGES);
    }
  }

  /** Returns the newest change; undefined if the history is empty. */
  async newest(): Promise<GroupChange | undefined> {
    const [entry] = await this.#collection.latest({}, 1);
    return entry === undefined ? undefined : readChange(entry.value);
  }

  /** Returns changes, the newest first. `more` is true if older changes may match too. */
  async list(query: HistoryQuery): Promise<{ readonly changes: readonly GroupChange[]; readonly more: boolean }> {
    const changes: GroupChange[] = [];
    let characters = 0;
    let before = query.beforeId === undefined ? undefined : keyOf(query.beforeId);
    const slice = new TimeSlice(this.#clock);
    for (;;) {
      const entries = await this.#collection.latest(before === undefined ? {} : { before }, BATCH);
      for (const { value } of entries) {
        await slice.yieldToEventLoop();
        if (!mayMatch(value, query)) continue;
        const change = readChange(value);
        if (change === undefined || !matches(change, query)) continue;
        characters += value.length;
        if (changes.length === query.limit || (characters > MAX_ANSWER && changes.length > 0))
          return { changes, more: true };
        changes.push(change);
      }
      if (entries.length < BATCH) return { changes, more: false };
      before = entries.at(-1)!.key;
    }
  }
}

const keyOf = (id: number): string => String(id).padStart(16, "0");

const matches = (change: GroupChange, { namespace, group }: HistoryQuery): boolean =>
  (namespace === undefined || change.namespace === namespace) && (group === undefined || change.group === group);

/** Reports whether the JSON of a change may match. Finds most other changes without parsing their long texts. */
const mayMatch = (value: string, { namespace, group }: HistoryQuery): boolean =>
  [namespace, group].every((name) => name === undefined || value.includes(JSON.stringify(name)));

/** Reads a stored change; undefined if another program has damaged it. */
function readChange(value: string): GroupChange | undefined {
  try {
    return JSON.parse(value) as GroupChange;
  } catch (error) {
    if (isProgramFault(error)) throw error;
    return undefined;
  }
}

import { type Labels, matchesAll } from "@narthex/model";
import { type Silence, silenceState } from "./silence.ts";

/**
 * Cached result for a label set: the matching silences, and the number of changes of silences that the result includes.
 */
interface Found {
  readonly ids: ReadonlySet<string>;
  readonly changes: number;
}

/**
 * Limits of the list of changed silences. The list is cleared when its length reaches SHORTEST plus GROWTH for each silence.
 */
const GROWTH = 4;
const SHORTEST = 1000;

/**
 * Silences by id, with cached results for label sets. For a cached label set, only changed silences are checked. For a
 * new label set, an index skips silences that require a label which the set does not have.
 */
export class SilenceTable {
  readonly #byId = new Map<string, Silence>();
  /**
   * Silences by one label that they require (`name\0value` of a matcher with `=`). A silence without such a matcher is
   * under the key "".
   */
  readonly #byEquality = new Map<string, Set<Silence>>();
  #changed: Silence[] = [];
  #found = new WeakMap<Labels, Found>();
  #scanned = 0;
  #skipped = 0;

  get size(): number {
    return this.#byId.size;
  }

  /** Numbers of silences that were checked against label sets, and of silences that the index skipped. */
  get counts(): { readonly scanned: number; readonly skipped: number } {
    return { scanned: this.#scanned, skipped: this.#skipped };
  }

  get(id: string): Silence | undefined {
    return this.#byId.get(id);
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  values(): IterableIterator<Silence> {
    return this.#byId.values();
  }

  [Symbol.iterator](): IterableIterator<[string, Silence]> {
    return this.#byId.entries();
  }

  set(id: string, silence: Silence): void {
    this.delete(id);
    this.#byId.set(id, silence);
    const key = equalityOf(silence);
    const alike = this.#byEquality.get(key) ?? new Set();
    this.#byEquality.set(key, alike.add(silence));
    this.#changed.push(silence);
    if (this.#changed.length < SHORTEST + GROWTH * this.#byId.size) return;
    this.#changed = [];
    this.#found = new WeakMap();
  }

  delete(id: string): void {
    const known = this.#byId.get(id);
    if (known === undefined) return;
    this.#byId.delete(id);
    const key = equalityOf(known);
    const alike = this.#byEquality.get(key);
    alike?.delete(known);
    if (alike?.size === 0) this.#byEquality.delete(key);
  }

  /** Returns the sorted ids of the silences that match a label set and are active at a time (Unix ms). */
  active(labels: Labels, now: number): string[] {
    const before = this.#found.get(labels);
    const changes = this.#changed.length;
    const ids = before?.changes === changes ? before.ids : this.#find(labels, before, now);
    if (ids !== before?.ids) this.#found.set(labels, { ids, changes });
    const active: string[] = [];
    for (const id of ids) {
      const silence = this.#byId.get(id);
      if (silence !== undefined && silenceState(silence, now) === "active") active.push(id);
    }
    return active.sort();
  }

  #find(labels: Labels, before: Found | undefined, now: number): ReadonlySet<string> {
    const ids = new Set(before?.ids);
    let looked = 0;
    const look = (silence: Silence): void => {
      looked++;
      const counts = silenceState(silence, now) !== "expired" && this.#byId.get(silence.id) === silence;
      if (counts && matchesAll(silence.matchers, labels)) ids.add(silence.id);
      else if (this.#byId.get(silence.id) === silence) ids.delete(silence.id);
    };
    if (before !== undefined) for (let i = before.changes; i < this.#changed.length; i++) look(this.#changed[i]!);
    else {
      this.#byEquality.get("")?.forEach(look);
      for (const [name, value] of labels) this.#byEquality.get(`${name}\0${value}`)?.forEach(look);
    }
    this.#scanned += looked;
    this.#skipped += Math.max(0, this.#byId.size - looked);
    return ids;
  }
}

/** Returns a label (`name\0value`) that the silence requires, or "" if the silence has no matcher with `=`. */
function equalityOf({ matchers }: Silence): string {
  const equality = matchers.find(({ type, value }) => type === "=" && value !== "");
  return equality === undefined ? "" : `${equality.name}\0${equality.value}`;
}

import type { Store } from "@narthex/store";
import { type EarlierFamily, readEarlierFamily } from "./earlier-family.ts";
import { type GroupLabels, groupKey } from "./group-key.ts";
import { PUSH_TIME } from "./push-times.ts";
import type { ReadFamily } from "../metrics/read-family.ts";
import { sealFamily, type StoredFamily, storedMetrics } from "../metrics/stored-family.ts";

/** The changes that one push or deletion makes to one group of metrics. */
export interface GroupChange {
  /** Text that identifies the group (see groupKey). */
  readonly key: string;
  readonly labels: GroupLabels;
  readonly put: readonly StoredFamily[];
  /** Names of the metrics that are removed. */
  readonly removed: readonly string[];
  /** Time when the group expires, ms since 1970. */
  readonly expiresAtMs: number | undefined;
}

/** A stored group. */
export interface PersistedGroup {
  readonly labels: GroupLabels;
  readonly families: readonly { readonly family: ReadFamily; readonly pushedAtMs: number }[];
  readonly expiresAtMs: number | undefined;
}

/**
 * Stores pushed metrics across restarts. After a method has resolved, its changes survive a crash and a power failure.
 */
export interface GroupPersistence {
  load(): Promise<readonly PersistedGroup[]>;
  /** Saves all of the changes of groups or, if it rejects, none of them. */
  save(changes: readonly GroupChange[]): Promise<void>;
  /** Checks whether the store can write to the disk. Does not change any group. */
  probe(): Promise<void>;
}

/**
 * Expiry time of store entries. The time is so late that the store never removes an entry. The real expiry time of a
 * group is stored with its metric push_time_seconds.
 */
const NEVER = Number.MAX_SAFE_INTEGER;
/** Key of the entry that probe() writes. No metric has this key, because keys of metrics are JSON arrays. */
const PROBE_KEY = "probe";

/**
 * Returns the key of a store entry, which contains the metrics with one name in a group. A push therefore writes only
 * the entries of its own names.
 */
const entryKey = (labels: GroupLabels, family: string): string => JSON.stringify([labels.flat(), family]);

/** The metrics with one name in a group, as a stored entry. */
interface PersistedFamily {
  readonly help?: string | undefined;
  readonly type: number;
  readonly pushedAtMs: number;
  /** The metrics as protobuf in base64. */
  readonly wire: string;
  /** Time when the group expires, ms since 1970. Present only in the entry for push_time_seconds. */
  readonly expiresAtMs?: number | undefined;
}

function encode({ help, type, pushedAtMs, wire, name }: StoredFamily, expiresAtMs: number | undefined): string {
  const kept: PersistedFamily = {
    help,
    type,
    pushedAtMs,
    wire: Buffer.from(wire, "latin1").toString("base64"),
    ...(name === PUSH_TIME && expiresAtMs !== undefined ? { expiresAtMs } : {}),
  };
  return JSON.stringify(kept);
}

function decode(name: string, { help, type, wire }: PersistedFamily): ReadFamily {
  const metrics = storedMetrics({ wire: Buffer.from(wire, "base64").toString("latin1") });
  return { name, help, type, metrics: metrics.map((one) => ({ ...one, labels: [...one.labels] })), isTimed: false };
}

/** Returns a GroupPersistence that stores groups in a collection of the store. */
export function storePersistence(store: Store): GroupPersistence {
  const kept = store.collection("pushed_families");
  return {
    async load() {
      const groups = new Map<
        string,
        { labels: GroupLabels; families: PersistedGroup["families"][number][]; expiresAtMs: number | undefined }
      >();
      for (const { key, value } of await kept.entries()) {
        if (key === PROBE_KEY) continue;
        const [flat, name] = JSON.parse(key) as [string[], string];
        const labels = flat.flatMap((label, i) => (i % 2 === 0 ? [[label, flat[i + 1]!] as const] : []));
        const id = groupKey(labels);
        let group = groups.get(id);
        if (group === undefined) groups.set(id, (group = { labels, families: [], expiresAtMs: undefined }));
        const row = JSON.parse(value) as PersistedFamily | EarlierFamily;
        const family = "wire" in row ? decode(name, row) : readEarlierFamily(name, row);
        group.families.push({ family, pushedAtMs: row.pushedAtMs });
        if ("wire" in row) group.expiresAtMs ??= row.expiresAtMs;
      }
      return [...groups.values()];
    },
    async save(changes) {
      // The writes are requested in the same turn of the event loop, so the store makes one transaction of them.
      await Promise.all(
        changes.map(({ labels, put, removed, expiresAtMs }) =>
          kept.change(
            put.map((family) => ({
              key: entryKey(labels, family.name),
              value: encode(family, expiresAtMs),
              expiresAt: NEVER,
            })),
            removed.map((name) => entryKey(labels, name)),
          ),
        ),
      );
    },
    probe: () => kept.put({ key: PROBE_KEY, value: "", expiresAt: NEVER }),
  };
}

/** Replaces all stored groups in one step. Rejects with StoreError. */
export async function replaceGroups(persistence: GroupPersistence, groups: readonly PersistedGroup[]): Promise<void> {
  const changes = new Map<string, GroupChange>();
  for (const { labels, families } of await persistence.load()) {
    const removed = families.map(({ family }) => family.name);
    changes.set(groupKey(labels), { key: groupKey(labels), labels, put: [], removed, expiresAtMs: undefined });
  }
  for (const { labels, families, expiresAtMs } of groups) {
    const key = groupKey(labels);
    const put = families.map(({ family, pushedAtMs }) => sealFamily(family, labels, pushedAtMs).stored);
    const names = new Set(put.map(({ name }) => name));
    const removed = changes.get(key)?.removed.filter((name) => !names.has(name)) ?? [];
    changes.set(key, { key, labels, put, removed, expiresAtMs });
  }
  await persistence.save([...changes.values()]);
}

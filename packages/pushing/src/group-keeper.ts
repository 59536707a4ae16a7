import type { Store } from "@narthex/store";
import { decodeFamily, encodeFamily } from "./family-codec.ts";
import { type GroupLabels, groupKey } from "./group-key.ts";
import type { PushedFamily } from "./pushed-family.ts";

/** What one push does to one group. */
export interface GroupChange {
  /** `groupKey` of the labels. */
  readonly key: string;
  readonly labels: GroupLabels;
  readonly put: readonly PushedFamily[];
  /** Names of families that go. */
  readonly removed: readonly string[];
}

/** A group as it was kept. */
export interface KeptGroup {
  readonly labels: GroupLabels;
  readonly families: readonly PushedFamily[];
}

/** Keeps groups over a restart. What a method resolved for outlives the process. */
export interface GroupKeeper {
  load(): Promise<readonly KeptGroup[]>;
  save(change: GroupChange): Promise<void>;
  drop(labels: GroupLabels, families: readonly string[]): Promise<void>;
}

/** Pushed metrics have no end of their own. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** An entry per family, so that a push writes what it brings and nothing else. */
const entryKey = (labels: GroupLabels, family: string): string => JSON.stringify([labels.flat(), family]);

function labelsOf(entry: string): GroupLabels {
  const [flat] = JSON.parse(entry) as [string[], string];
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1]!] as const] : []));
}

/** Keeps groups in a store's collection. */
export function storeKeeper(store: Store): GroupKeeper {
  const kept = store.collection("pushed_families");
  return {
    async load() {
      const groups = new Map<string, { labels: GroupLabels; families: PushedFamily[] }>();
      for (const { key, value } of await kept.entries()) {
        const labels = labelsOf(key);
        const id = groupKey(labels);
        let group = groups.get(id);
        if (group === undefined) groups.set(id, (group = { labels, families: [] }));
        group.families.push(decodeFamily(value));
      }
      return [...groups.values()];
    },
    save({ labels, put, removed }) {
      const entries = put.map((family) => ({
        key: entryKey(labels, family.name),
        value: encodeFamily(family),
        expiresAt: NEVER,
      }));
      return kept.change(
        entries,
        removed.map((name) => entryKey(labels, name)),
      );
    },
    drop: (labels, families) =>
      kept.change(
        [],
        families.map((name) => entryKey(labels, name)),
      ),
  };
}

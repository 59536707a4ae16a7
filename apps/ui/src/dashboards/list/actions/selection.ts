import { useState } from "react";
import type { SearchHit } from "../../data/dashboard-api.ts";

/**
 * Returns the selected uids after a click on a row.
 * @param shown uids of the rows, in the order of the list
 * @param anchor uid of the last clicked row, from which a range with the Shift key extends
 */
export function selectedAfter(
  selected: ReadonlySet<string>,
  {
    shown,
    anchor,
    uid,
    isRange,
  }: {
    readonly shown: readonly string[];
    readonly anchor: string | undefined;
    readonly uid: string;
    readonly isRange: boolean;
  },
): ReadonlySet<string> {
  const next = new Set(selected);
  const isAdded = !selected.has(uid);
  const [from, to] = [isRange && anchor !== undefined ? shown.indexOf(anchor) : -1, shown.indexOf(uid)];
  const changed = from === -1 ? [uid] : shown.slice(Math.min(from, to), Math.max(from, to) + 1);
  for (const one of changed) {
    if (isAdded) next.add(one);
    else next.delete(one);
  }
  return next;
}

/** Returns the selected dashboards of the list, and functions that change the selection. */
export function useSelection(shown: readonly SearchHit[]) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [anchor, setAnchor] = useState<string>();
  const uids = shown.map(({ uid }) => uid);
  return {
    has: (uid: string): boolean => selected.has(uid),
    /** Dashboards that are no longer shown do not belong to the selection. */
    hits: shown.filter(({ uid }) => selected.has(uid)),
    toggle: (uid: string, isRange: boolean): void => {
      setSelected(selectedAfter(selected, { shown: uids, anchor, uid, isRange }));
      setAnchor(uid);
    },
    clear: (): void => setSelected(new Set()),
  };
}

import { useState } from "react";
import { readStored, writeStored } from "./preferences.ts";

/**
 * Returns a set of names, and functions that add or remove a name. If a key is given, the browser stores the set under
 * it.
 */
export function useToggleSet(storageKey?: string) {
  const [names, setNames] = useState<readonly string[]>(() =>
    storageKey === undefined ? [] : readStored(storageKey, []),
  );
  const set = (next: readonly string[]): void => {
    setNames(next);
    if (storageKey !== undefined) writeStored(storageKey, next);
  };
  return {
    has: (name: string): boolean => names.includes(name),
    toggle: (name: string): void => set(names.includes(name) ? names.filter((old) => old !== name) : [...names, name]),
    set,
  };
}

import { useState } from "react";
import { readStored, writeStored } from "./preferences.ts";

/** A set of names that a click toggles. With a key, the browser stores it. */
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

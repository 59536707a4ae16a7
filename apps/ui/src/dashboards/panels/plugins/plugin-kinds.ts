import { useSyncExternalStore } from "react";
import type { DrawnKind } from "../../contracts/panel-kind.ts";

let kinds: readonly DrawnKind[] = [];
const listeners = new Set<() => void>();

/** Returns the panel type that a plugin of the server adds; undefined if the plugins are not loaded. */
export const pluginKindOf = (type: string): DrawnKind | undefined => kinds.find(({ id }) => id === type);

/** Sets the panel types of plugins, and renders the components again that use them. */
export function setPluginKinds(loaded: readonly DrawnKind[]): void {
  kinds = loaded;
  for (const listener of listeners) listener();
}

/** Returns the panel types of plugins, and renders the component again when they have been loaded. */
export const usePluginKinds = (): readonly DrawnKind[] => useSyncExternalStore(watch, () => kinds);

function watch(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

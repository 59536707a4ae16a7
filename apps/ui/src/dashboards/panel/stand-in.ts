import type { Panel } from "@narthex/dashboards";
import { useMemo, useSyncExternalStore } from "react";
import type { PanelKind } from "../panels/panel-kind.ts";
import { panelKindOf } from "../panels/registry.ts";

/** Kinds that can draw the queries of a panel of an unsupported kind. */
export type StandInKind = "table" | "timeseries";

/** The user's selections, by the panel's JSON object. A selection stays when its card is scrolled out of sight. */
const chosen = new WeakMap<Panel["source"], StandInKind>();
const listeners = new Set<() => void>();

function watch(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Shows a panel with another kind; undefined ends this. */
export function chooseStandIn({ source }: Panel, kind: StandInKind | undefined): void {
  if (kind === undefined) chosen.delete(source);
  else chosen.set(source, kind);
  for (const listener of listeners) listener();
}

/** Reports whether the dashboard contains only a reference to a library panel, not its content. */
export const isLibraryReference = ({ libraryPanel, source }: Panel): boolean =>
  libraryPanel !== undefined && (typeof source["type"] !== "string" || source["type"] === "library-panel-ref");

/** Returns the kind that draws a panel; undefined if there is none. */
export const drawingKind = (panel: Panel): PanelKind | undefined =>
  isLibraryReference(panel) ? undefined : panelKindOf(panel.type);

/** Returns a panel of another kind with the same queries and default options. */
const standInOf = (panel: Panel, kind: StandInKind): Panel => ({ ...panel, type: kind, options: {} });

/**
 * Returns the panel that is drawn: the panel itself, or, if its kind is unsupported, the stand-in that the user
 * selected.
 */
export function useDrawnPanel(panel: Panel): Panel {
  const kind = useSyncExternalStore(watch, () => chosen.get(panel.source));
  const isOwn = kind === undefined || drawingKind(panel) !== undefined;
  return useMemo(() => (isOwn ? panel : standInOf(panel, kind)), [panel, isOwn, kind]);
}

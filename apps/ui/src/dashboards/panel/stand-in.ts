import type { Panel } from "@narthex/dashboards";
import { useMemo, useSyncExternalStore } from "react";
import type { PanelKind } from "../panels/panel-kind.ts";
import { panelKindOf } from "../panels/registry.ts";

/** Kinds that draw the queries of a panel whose own kind is not drawn here. */
export type StandInKind = "table" | "timeseries";

/** By the JSON of the panel, which stays as it is: what the reader chose. It outlives a card that is scrolled away. */
const chosen = new WeakMap<Panel["source"], StandInKind>();
const listeners = new Set<() => void>();

function watch(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Shows a panel as another kind would; undefined: no longer. */
export function chooseStandIn({ source }: Panel, kind: StandInKind | undefined): void {
  if (kind === undefined) chosen.delete(source);
  else chosen.set(source, kind);
  for (const listener of listeners) listener();
}

/** Whether a panel is in the library alone: the dashboard does not say what it shows. */
export const isLibraryReference = ({ libraryPanel, source }: Panel): boolean =>
  libraryPanel !== undefined && (typeof source["type"] !== "string" || source["type"] === "library-panel-ref");

/** The kind that draws a panel, where there is one. */
export const drawingKind = (panel: Panel): PanelKind | undefined =>
  isLibraryReference(panel) ? undefined : panelKindOf(panel.type);

/** Another kind's view of a panel: what it asks, with none of its own kind's options. */
const standInOf = (panel: Panel, kind: StandInKind): Panel => ({ ...panel, type: kind, options: {} });

/** What is drawn of a panel: itself, or where nothing here draws its kind, what its reader chose in its place. */
export function useDrawnPanel(panel: Panel): Panel {
  const kind = useSyncExternalStore(watch, () => chosen.get(panel.source));
  const isOwn = kind === undefined || drawingKind(panel) !== undefined;
  return useMemo(() => (isOwn ? panel : standInOf(panel, kind)), [panel, isOwn, kind]);
}

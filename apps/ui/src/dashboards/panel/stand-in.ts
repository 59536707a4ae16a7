import type { Panel } from "@narthex/dashboards";
import { useMemo, useSyncExternalStore } from "react";
import type { DrawnKind } from "../contracts/panel-kind.ts";
import { drawnKindOf } from "../panels/registry.ts";

/** Kinds that can show the data of a panel whose own kind is not supported. */
export type StandInKind = "table" | "timeseries";

/**
 * Kinds that the user selected, by the panel's JSON object. The map keeps them while a panel is out of sight and its
 * card is removed.
 */
const chosen = new WeakMap<Panel["source"], StandInKind>();
const listeners = new Set<() => void>();

function watch(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Selects a kind that replaces a panel's unsupported kind; undefined removes the selection. */
export function chooseStandIn({ source }: Panel, kind: StandInKind | undefined): void {
  if (kind === undefined) chosen.delete(source);
  else chosen.set(source, kind);
  for (const listener of listeners) listener();
}

/** Reports whether the dashboard contains only a reference to a library panel, not its content. */
export const isLibraryReference = ({ libraryPanel, source }: Panel): boolean =>
  libraryPanel !== undefined && (typeof source["type"] !== "string" || source["type"] === "library-panel-ref");

/** Returns the kind that draws a panel; undefined if the kind is not supported. */
export const drawingKind = (panel: Panel): DrawnKind | undefined =>
  isLibraryReference(panel) ? undefined : drawnKindOf(panel.type);

/** Returns a panel of a given kind with the queries of an unsupported panel and default options. */
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

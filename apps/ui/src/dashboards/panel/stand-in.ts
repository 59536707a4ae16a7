import type { Panel } from "@narthex/dashboards";
import { useMemo, useSyncExternalStore } from "react";
import type { DrawnKind } from "../contracts/panel-kind.ts";
import { usePluginKinds } from "../panels/plugins/plugin-kinds.ts";
import { drawnKindOf } from "../panels/registry.ts";

/** Panel types that can show the data of an unsupported panel type. */
export type StandInKind = "table" | "timeseries";

/**
 * Substitute types that the user has selected, by the panel's JSON object. This map keeps a type while its panel is out
 * of view.
 */
const chosen = new WeakMap<Panel["source"], StandInKind>();
const listeners = new Set<() => void>();

function watch(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Selects a substitute for a panel's unsupported type. Undefined removes the selection. */
export function chooseStandIn({ source }: Panel, kind: StandInKind | undefined): void {
  if (kind === undefined) chosen.delete(source);
  else chosen.set(source, kind);
  for (const listener of listeners) listener();
}

/** Reports whether the dashboard contains only a reference to a library panel, not its content. */
export const isLibraryReference = ({ libraryPanel, source }: Panel): boolean =>
  libraryPanel !== undefined && (typeof source["type"] !== "string" || source["type"] === "library-panel-ref");

/** Returns the panel type for rendering, or undefined if the type is not supported. */
export const drawingKind = (panel: Panel): DrawnKind | undefined =>
  isLibraryReference(panel) ? undefined : drawnKindOf(panel.type);

/** Returns a copy of a panel with another type. The copy has the same queries, and default options. */
const standInOf = (panel: Panel, kind: StandInKind): Panel => ({ ...panel, type: kind, options: {} });

/** Returns the panel to render: the panel itself, or the selected substitute if its type is not supported. */
export function useDrawnPanel(panel: Panel): Panel {
  const kind = useSyncExternalStore(watch, () => chosen.get(panel.source));
  usePluginKinds();
  const isOwn = kind === undefined || drawingKind(panel) !== undefined;
  return useMemo(() => (isOwn ? panel : standInOf(panel, kind)), [panel, isOwn, kind]);
}

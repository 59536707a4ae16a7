import type { Lookup, Panel } from "@narthex/dashboards";
import { panelKindOf } from "../panels/registry.ts";
import { findSource, type SourceListing, sourceRefOf } from "../query/ask-panel.ts";

/** The panels of a dashboard that have an axis of times, those in collapsed rows too. */
export const timePlots = (panels: readonly Panel[]): readonly Panel[] =>
  panels.flatMap((panel) =>
    panel.panels.length > 0 ? timePlots(panel.panels) : panelKindOf(panel.type)?.isOverTime === true ? [panel] : [],
  );

/** The servers of Prometheus that plots over time ask. */
export const plotServers = (
  panels: readonly Panel[],
  sources: readonly SourceListing[],
  lookup: Lookup,
): readonly SourceListing[] => serversOf(timePlots(panels), sources, lookup);

/** The servers of Prometheus that panels ask. */
export function serversOf(
  panels: readonly Panel[],
  sources: readonly SourceListing[],
  lookup: Lookup,
): readonly SourceListing[] {
  const found = new Set<SourceListing>();
  for (const panel of panels)
    for (const target of panel.targets) {
      const source = findSource(sourceRefOf(target, panel), sources, lookup);
      if (source?.type === "prometheus") found.add(source);
    }
  return [...found];
}

/** The Alertmanager of a server: the one that its settings name, else the first that there is. */
export function managerOf(
  server: SourceListing | undefined,
  sources: readonly SourceListing[],
): SourceListing | undefined {
  const managers = sources.filter(({ type }) => type === "alertmanager");
  return managers.find(({ uid }) => uid === server?.alertmanagerUid) ?? managers[0];
}

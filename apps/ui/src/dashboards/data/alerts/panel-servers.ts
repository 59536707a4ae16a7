import {
  hasFeature,
  type Lookup,
  type Panel,
  panelKindOf,
  queriedSource,
  type SourceListing,
} from "@narthex/dashboards";

/** Returns the panels of a dashboard that have a time axis. Panels in collapsed rows are included. */
export const panelsOverTime = (panels: readonly Panel[]): readonly Panel[] =>
  panels.flatMap((panel) =>
    panel.panels.length > 0
      ? panelsOverTime(panel.panels)
      : panelKindOf(panel.type)?.isOverTime === true
        ? [panel]
        : [],
  );

export const plotServers = (
  panels: readonly Panel[],
  sources: readonly SourceListing[],
  lookup: Lookup,
): readonly SourceListing[] => serversOf(panelsOverTime(panels), sources, lookup);

/** Returns the Prometheus servers that panels query. */
export function serversOf(
  panels: readonly Panel[],
  sources: readonly SourceListing[],
  lookup: Lookup,
): readonly SourceListing[] {
  const found = new Set<SourceListing>();
  for (const panel of panels)
    for (const target of panel.targets) {
      const source = queriedSource(target, panel, sources, lookup);
      if (source !== undefined && hasFeature(source, "rules")) found.add(source);
    }
  return [...found];
}

/**
 * Returns the Alertmanager of a Prometheus server: the one in the data source's settings, otherwise the first
 * Alertmanager in the list.
 */
export function managerOf(
  server: SourceListing | undefined,
  sources: readonly SourceListing[],
): SourceListing | undefined {
  const managers = sources.filter((source) => hasFeature(source, "alerts"));
  return managers.find(({ uid }) => uid === server?.alertmanagerUid) ?? managers[0];
}

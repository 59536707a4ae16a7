import { type Dashboard, type JsonObject, type Panel, readSource } from "@narthex/dashboards";

/**
 * Parses a dashboard. Parts whose JSON is the same object as in `before` are reused, so that unchanged panels are not
 * queried or rendered again.
 */
export function dashboardOf(source: JsonObject, before: Dashboard): Dashboard {
  if (source === before.source) return before;
  const { dashboard } = readSource(source);
  const isKept = (key: string): boolean => before.source[key] === source[key];
  const panels = samePanels(dashboard.panels, before.panels);
  return {
    ...dashboard,
    panels: isKept("panels") ? before.panels : panels,
    ...(isKept("templating") ? { variables: before.variables } : {}),
    ...(isKept("annotations") ? { annotations: before.annotations } : {}),
    ...(isKept("links") ? { links: before.links } : {}),
    ...(isKept("time") ? { time: before.time } : {}),
  };
}

function samePanels(panels: readonly Panel[], before: readonly Panel[]): readonly Panel[] {
  const known = new Map(before.map((panel) => [panel.source, panel]));
  return panels.map((panel) => known.get(panel.source) ?? panel);
}

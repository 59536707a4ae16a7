import { type Dashboard, type Panel, variableNamesIn } from "@narthex/dashboards";

/** Where a dashboard names a variable, each place as a reader knows it. */
export function usesOf(name: string, dashboard: Dashboard): readonly string[] {
  const uses: string[] = [];
  const look = (place: string, json: unknown): void => {
    if (new Set(variableNamesIn([json])).has(name)) uses.push(place);
  };
  const lookInto = (panel: Panel): void => {
    const { panels: _inner, ...own } = panel.source;
    const words = panel.title === "" ? `panel ${panel.id}` : `panel “${panel.title}”`;
    if (panel.repeat === name) uses.push(`repeat of ${words}`);
    look(words, own);
    for (const inner of panel.panels) lookInto(inner);
  };
  for (const panel of dashboard.panels) lookInto(panel);
  for (const variable of dashboard.variables) {
    const { current: _current, options: _options, name: own, ...rest } = variable.source;
    if (own !== name) look(`variable ${variable.name}`, rest);
  }
  for (const annotation of dashboard.annotations) look(`annotation “${annotation.name}”`, annotation.source);
  look("links", dashboard.source["links"]);
  look("title", dashboard.title);
  return uses;
}

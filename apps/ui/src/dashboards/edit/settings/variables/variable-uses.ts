import { type Dashboard, type Panel, variableNamesIn } from "@narthex/dashboards";

const known = new WeakMap<Panel, ReadonlySet<string>>();

/**
 * Returns the names of the variables in a panel's JSON. For a row, the panels in the row are not searched. The result
 * is cached.
 */
function ownNames(panel: Panel): ReadonlySet<string> {
  let names = known.get(panel);
  if (names === undefined) {
    const { panels: _inner, ...own } = panel.source;
    names = variableNamesIn(own);
    known.set(panel, names);
  }
  return names;
}

/** Returns the names of the panels, variables and other parts of a dashboard that use a variable. */
export function usesOf(name: string, dashboard: Dashboard): readonly string[] {
  const uses: string[] = [];
  const look = (usedIn: string, json: unknown): void => {
    if (variableNamesIn(json).has(name)) uses.push(usedIn);
  };
  const lookInto = (panel: Panel): void => {
    const words = panel.title === "" ? `panel ${panel.id}` : `panel “${panel.title}”`;
    if (panel.repeat === name) uses.push(`repeat of ${words}`);
    if (ownNames(panel).has(name)) uses.push(words);
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

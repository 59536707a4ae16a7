import {
  type Change,
  type Dashboard,
  importDashboard,
  type JsonObject,
  type Panel,
  panelKindOf,
  type Problem,
  readDashboard,
  type SourceListing,
} from "@narthex/dashboards";

/** Result of reading an imported file: the dashboard, applied migrations, and problems. */
export interface ImportReport {
  readonly dashboard: Dashboard;
  /** Migrations from older schemas that were applied. */
  readonly changes: readonly Change[];
  readonly problems: readonly Problem[];
  /** Titles of the panels of unknown kinds, by kind. The dashboard keeps these panels, but does not draw them. */
  readonly undrawn: ReadonlyMap<string, readonly string[]>;
}

/** Replaces the inputs of an imported dashboard by the user's values, then parses the dashboard. */
export async function importReport(
  json: JsonObject,
  sources: readonly SourceListing[],
  values: Readonly<Record<string, string>>,
): Promise<ImportReport> {
  const imported = importDashboard(json, sources, values);
  const { dashboard, changes, problems } = await readDashboard(imported.json, { sources });
  const undrawn = new Map<string, string[]>();
  const look = (panel: Panel): void => {
    if (panel.type !== "row" && panelKindOf(panel.type) === undefined) {
      const names = undrawn.get(panel.type) ?? [];
      names.push(panel.title === "" ? `Panel ${panel.id}` : panel.title);
      undrawn.set(panel.type, names);
    }
    for (const inner of panel.panels) look(inner);
  };
  for (const panel of dashboard.panels) look(panel);
  return { dashboard, changes, problems: [...imported.problems, ...problems], undrawn };
}

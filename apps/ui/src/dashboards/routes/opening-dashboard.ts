import { type Panel, readDashboard, type ReadDashboard, type SourceListing } from "@narthex/dashboards";
import { nowMs } from "../../time/browser-clock.ts";
import { askEarly } from "../data/fitted-span.ts";
import { hasRange } from "../page/use-dashboard-time.ts";
import { drawnKindOf } from "../panels/registry.ts";

/** A dashboard that opens, with the data sources that the user can see. */
export interface OpeningDashboard extends ReadDashboard {
  readonly sources: readonly SourceListing[];
}

/** Approximate number of grid rows that are visible without scrolling. */
const FIRST_SCREEN_ROWS = 28;

/** Starts to load the code of the panels that are visible without scrolling, while their data is loading. */
function loadKinds(panels: readonly Panel[]): void {
  const inSight = panels.filter(({ position }) => position.y < FIRST_SCREEN_ROWS);
  for (const type of new Set(inSight.map((panel) => panel.type))) void drawnKindOf(type)?.Panel.load();
}

/**
 * Reads a dashboard that is rendered next. Meanwhile, the code of its panels loads, and its sources are asked for the
 * age of their data.
 */
export async function readOpening(json: unknown, sources: readonly SourceListing[]): Promise<OpeningDashboard> {
  const read = await readDashboard(json, { sources });
  loadKinds(read.dashboard.panels);
  if (!hasRange(new URLSearchParams(location.search))) askEarly(read.dashboard, sources, nowMs());
  return { ...read, sources };
}

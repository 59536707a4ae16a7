import type { DashboardLink, GridPosition, Panel, Target, Transformation } from "./dashboard.ts";
import { ownValue } from "./json.ts";
import type { JsonSection } from "./json-section.ts";
import { lettersOf } from "./letters.ts";
import { readDataSource } from "./read-data-source.ts";
import { readFieldConfigSource, readMatcher } from "./read-field-config.ts";

const GRID_COLUMNS = 24;
/**
 * Maximum height and vertical position of a panel, in grid units. Larger values are errors that would push other panels
 * out of sight.
 */
const MAX_ROWS = 1_000;
const MAX_Y = 1_000_000;

/** Reads a panel that already has an id. Panels within a row are read, but not the panels of a row within a row. */
export function readPanel(section: JsonSection, isNested = false): Panel {
  const type = section.text("type", "timeseries");
  const datasource = readDataSource(section);
  const interval = section.textIfAny("interval");
  const maxDataPoints = section.numberIfAny("maxDataPoints");
  const timeFrom = section.textIfAny("timeFrom");
  const timeShift = section.textIfAny("timeShift");
  const repeat = section.textIfAny("repeat");
  const libraryPanel = readLibraryPanel(section);
  return {
    id: section.number("id", 0),
    type,
    title: section.text("title"),
    description: section.text("description"),
    transparent: section.boolean("transparent"),
    position: readPosition(section.section("gridPos"), type),
    ...(datasource !== undefined && { datasource }),
    targets: readTargets(section),
    transformations: section.sections("transformations").map(readTransformation),
    fieldConfig: readFieldConfigSource(section.section("fieldConfig")),
    options: section.object("options"),
    links: section.sections("links").map(readLink),
    ...(interval !== undefined && interval !== "" && { interval }),
    ...(maxDataPoints !== undefined && maxDataPoints > 0 && { maxDataPoints }),
    ...(timeFrom !== undefined && timeFrom !== "" && { timeFrom }),
    ...(timeShift !== undefined && timeShift !== "" && { timeShift }),
    hideTimeOverride: section.boolean("hideTimeOverride"),
    ...(repeat !== undefined && repeat !== "" && { repeat }),
    repeatDirection: section.choice("repeatDirection", ["h", "v"], "h"),
    maxPerRow: within(section.number("maxPerRow", 4), 1, GRID_COLUMNS),
    ...(libraryPanel !== undefined && { libraryPanel }),
    collapsed: section.boolean("collapsed"),
    panels: isNested ? [] : section.sections("panels").map((panel) => readPanel(panel, true)),
    source: section.json,
  };
}

function within(value: number, least: number, most: number): number {
  return Math.min(Math.max(Math.floor(value), least), most);
}

/** Reads the position of a panel. The result is within the 24 columns of the grid and has a limited height. */
function readPosition(section: JsonSection, type: string): GridPosition {
  if (type === "row") return { x: 0, y: within(section.number("y", 0), 0, MAX_Y), w: GRID_COLUMNS, h: 1 };
  const w = within(section.number("w", 12), 1, GRID_COLUMNS);
  return {
    x: within(section.number("x", 0), 0, GRID_COLUMNS - w),
    y: within(section.number("y", 0), 0, MAX_Y),
    w,
    h: within(section.number("h", 8), 1, MAX_ROWS),
  };
}

/** Reads the queries of a panel. A query without a letter gets an unused one. */
function readTargets(section: JsonSection): Target[] {
  const sections = section.sections("targets");
  const taken = new Set(sections.map((target) => target.text("refId")));
  let next = 0;
  return sections.map((target) => {
    let refId = target.text("refId");
    while (refId === "") {
      const letters = lettersOf(next++);
      if (!taken.has(letters)) refId = letters;
    }
    const datasource = readDataSource(target);
    return {
      refId,
      ...(datasource !== undefined && { datasource }),
      hide: target.boolean("hide"),
      source: target.json,
    };
  });
}

function readTransformation(section: JsonSection): Transformation {
  const filter = section.sectionIfAny("filter");
  const topic = section.textIfAny("topic");
  return {
    id: section.text("id"),
    disabled: section.boolean("disabled"),
    ...(filter !== undefined && { filter: readMatcher(filter) }),
    ...(topic !== undefined && topic !== "" && { topic }),
    options: section.object("options"),
  };
}

export function readLink(section: JsonSection): DashboardLink {
  return {
    type: section.choice("type", ["link", "dashboards"], "link"),
    title: section.text("title"),
    url: section.text("url"),
    tooltip: section.text("tooltip"),
    icon: section.text("icon"),
    tags: section.texts("tags"),
    asDropdown: section.boolean("asDropdown"),
    targetBlank: section.boolean("targetBlank"),
    includeVars: section.boolean("includeVars"),
    keepTime: section.boolean("keepTime"),
  };
}

function readLibraryPanel(section: JsonSection): { uid: string; name: string } | undefined {
  if (typeof ownValue(section.json, "libraryPanel") !== "object") return undefined;
  const library = section.section("libraryPanel");
  const uid = library.text("uid");
  return uid === "" ? undefined : { uid, name: library.text("name") };
}

import type { AnnotationQuery, Dashboard, Variable } from "./dashboard.ts";
import type { Findings } from "./findings.ts";
import type { MutableJson } from "./json.ts";
import { JsonSection } from "./json-section.ts";
import { readLink, readPanel } from "./read-panel.ts";
import { readAnnotationQuery, readVariable } from "./read-variable.ts";

const REFRESH_INTERVALS = ["5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "2h", "1d"];
const CURSOR_SYNC = ["off", "crosshair", "tooltip"] as const;

/**
 * Converts JSON of the newest classic schema to a Dashboard. Panels must have ids. `source` is the given JSON itself,
 * and `Panel.source` is a part of it.
 */
export function parseDashboard(json: Readonly<MutableJson>, findings: Findings): Dashboard {
  const section = new JsonSection(json, findings);
  const picker = section.section("timepicker");
  return {
    uid: section.text("uid"),
    title: section.text("title"),
    description: section.text("description"),
    tags: section.texts("tags"),
    version: section.number("version", 0),
    editable: section.boolean("editable", true),
    time: readTime(section),
    refresh: section.json["refresh"] === false ? "" : section.text("refresh"),
    refreshIntervals: readIntervals(picker),
    quickRanges: readQuickRanges(picker),
    isTimePickerHidden: picker.boolean("hidden") || picker.json["enable"] === false,
    nowDelay: picker.text("nowDelay"),
    timezone: readTimezone(section),
    weekStart: readWeekStart(section),
    fiscalYearStartMonth: Math.min(Math.max(Math.floor(section.number("fiscalYearStartMonth", 0)), 0), 11),
    cursorSync: CURSOR_SYNC[section.number("graphTooltip", 0)] ?? "off",
    links: section.sections("links").map(readLink),
    annotations: section
      .section("annotations")
      .sections("list")
      .map((each): AnnotationQuery => readAnnotationQuery(each)),
    variables: readVariables(section),
    panels: section.sections("panels").map((panel) => readPanel(panel)),
    source: json,
  };
}

function readTime(section: JsonSection): { from: string; to: string } {
  const time = section.section("time");
  return { from: time.text("from", "now-6h"), to: time.text("to", "now") };
}

function readIntervals(picker: JsonSection): string[] {
  const intervals = picker.texts("refresh_intervals");
  return intervals.length === 0 ? REFRESH_INTERVALS : intervals;
}

function readQuickRanges(picker: JsonSection): Dashboard["quickRanges"] {
  return picker
    .sections("quick_ranges")
    .map((range) => ({ from: range.text("from"), to: range.text("to", "now"), display: range.text("display") }))
    .filter(({ from }) => from !== "");
}

/** Reads the time zone. `utc` may be in upper or lower case. An empty value means the browser's zone. */
function readTimezone(section: JsonSection): string {
  const timezone = section.text("timezone");
  if (timezone === "") return "browser";
  const lower = timezone.toLowerCase();
  return lower === "utc" || lower === "browser" ? lower : timezone;
}

function readWeekStart(section: JsonSection): Dashboard["weekStart"] {
  const weekStart = section.text("weekStart");
  if (weekStart === "browser") return "";
  return section.choice("weekStart", ["", "monday", "saturday", "sunday"], "");
}

/** Reads the variables. If several have the same name, the first one counts, because values are stored by name. */
function readVariables(section: JsonSection): Variable[] {
  const names = new Set<string>();
  return section
    .section("templating")
    .sections("list")
    .flatMap((each) => {
      const variable = readVariable(each);
      if (variable === undefined) return [];
      if (names.has(variable.name)) {
        each.findings.problem(
          each.path,
          `An earlier variable also has the name "${variable.name}"; this one is left out.`,
        );
        return [];
      }
      names.add(variable.name);
      return [variable];
    });
}

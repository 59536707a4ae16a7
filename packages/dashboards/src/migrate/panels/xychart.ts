import {
  isObject,
  listAt,
  type MutableJson,
  numberOf,
  objectAt,
  objectsAt,
  ownValue,
  textAt,
} from "../../model/json.ts";
import { deleteKeys, fieldConfigOf, type PanelMigration } from "./panel-migration.ts";

const OLD_KEYS = ["seriesMapping", "dims"];

/**
 * Converts XY charts in which each series named its columns and had its own size and colour. In the current form,
 * matchers select the columns, and overrides set sizes and colours.
 */
export const xyChartMigration: PanelMigration = {
  kinds: ["xychart"],
  migrate(panel, path, findings) {
    const options = objectAt(panel, "options") ?? {};
    const isManual = textAt(options, "seriesMapping") === "manual";
    const { overrides } = fieldConfigOf(panel);
    const series = isManual
      ? objectsAt(options, "series").map((one) => manualSeries(one, overrides))
      : [autoSeries(objectAt(options, "dims") ?? {})];
    options["mapping"] = isManual ? "manual" : "auto";
    options["series"] = series;
    deleteKeys(options, OLD_KEYS);
    panel["options"] = options;
    findings.change(path, "The columns of the XY chart are now selected by matchers instead of names.");
  },
};

const byName = (name: unknown): MutableJson | undefined =>
  typeof name === "string" && name !== "" ? { matcher: { id: "byName", options: name } } : undefined;

function frameOf(frame: unknown): MutableJson | undefined {
  const index = numberOf(frame);
  return index === undefined ? undefined : { matcher: { id: "byIndex", options: index } };
}

const withoutAbsent = (json: MutableJson): MutableJson =>
  Object.fromEntries(Object.entries(json).filter(([, value]) => value !== undefined));

/** Returns one series that draws all columns over one x column. Excluded columns are left out. */
function autoSeries(dims: MutableJson): MutableJson {
  const excluded = listAt(dims, "exclude").filter((name) => typeof name === "string");
  const y = { matcher: { id: "byNames", options: { mode: "exclude", names: excluded } } };
  return withoutAbsent({
    frame: frameOf(ownValue(dims, "frame")),
    x: byName(ownValue(dims, "x")),
    y: excluded.length === 0 ? undefined : y,
  });
}

/** Converts a series, and moves its point settings to overrides of its column. */
function manualSeries(old: MutableJson, overrides: unknown[]): MutableJson {
  const size = objectAt(old, "pointSize") ?? {};
  const color = objectAt(old, "pointColor") ?? {};
  const name = textAt(old, "name");
  const y = byName(ownValue(old, "y"));
  const properties: MutableJson[] = [];
  const fixedSize = numberOf(ownValue(size, "fixed"));
  if (fixedSize !== undefined) properties.push({ id: "custom.pointSize.fixed", value: fixedSize });
  for (const end of ["min", "max"]) {
    const value = numberOf(ownValue(size, end));
    if (value !== undefined) properties.push({ id: `custom.pointSize.${end}`, value });
  }
  const fixedColor = textAt(color, "fixed");
  if (fixedColor !== "") properties.push({ id: "color", value: { mode: "fixed", fixedColor } });
  const width = numberOf(ownValue(old, "lineWidth"));
  if (width !== undefined) properties.push({ id: "custom.lineWidth", value: width });
  if (y !== undefined && isObject(y["matcher"]) && properties.length > 0)
    overrides.push({ matcher: y["matcher"], properties });
  return withoutAbsent({
    frame: frameOf(ownValue(old, "frame")),
    x: byName(ownValue(old, "x")),
    y,
    size: byName(ownValue(size, "field")),
    color: byName(ownValue(color, "field")),
    name: name === "" ? undefined : { fixed: name },
  });
}

import { FieldNames, SeparateFieldNames } from "../display/field-name.ts";
import type { Field, Frame } from "../frame/frame.ts";
import { readConfig } from "../frame/frame-head.ts";
import type { FieldConfig, FieldConfigSource, Thresholds, ThresholdStep } from "../model/field-config.ts";
import { isObject } from "../model/json.ts";
import { valueMapper } from "../display/value-mapping.ts";
import { withWarnings } from "../frame/frame-notices.ts";
import { collectFaults } from "../pattern/pattern-faults.ts";
import { compileFieldMatcher, type FieldTest } from "./field-matcher.ts";

/** Function that replaces the variables in a field's display name: `${__field.labels.host}`, `$job`. */
export type NameInterpolation = (text: string, field: Field, frame: Frame) => string;

type Settings = Readonly<Record<string, unknown>>;

/** Keys of a setting's path that are refused, because setting them would change an object's prototype. */
const forbidden = new Set(["__proto__", "constructor", "prototype"]);

/** Maximum number of keys in the path of a setting. No setting of a field has a longer path. */
const MAX_PATH = 8;

/**
 * Returns a copy of the object with a value set at a path. If the value is null, the path is removed. The original
 * stays unchanged.
 */
function withPath(object: Settings, path: readonly string[], value: unknown): Settings {
  const [key, ...rest] = path as [string, ...string[]];
  const before = Object.hasOwn(object, key) ? object[key] : undefined;
  if (rest.length > 0) {
    if (!isObject(before) && value === null) return object;
    return { ...object, [key]: withPath(isObject(before) ? before : {}, rest, value) };
  }
  if (value === null) {
    const { [key]: _, ...others } = object;
    return others;
  }
  // Whether the list of an override is added before the list of the defaults, as for links and mappings.
  const isAdded = Array.isArray(value) && Array.isArray(before);
  return { ...object, [key]: isAdded ? [...(value as unknown[]), ...(before as unknown[])] : value };
}

/**
 * Converts the value of an override to the form that `FieldConfig` stores. Null removes the setting; undefined means
 * that the value is unusable.
 */
function valueOf(path: readonly string[], value: unknown): unknown {
  if (value === null || value === undefined) return null;
  const [key] = path as [string];
  if (key === "custom" || path.length > 1) return value;
  const isNumber = key === "min" || key === "max" || key === "decimals";
  const read = readConfig({ [key]: isNumber && typeof value === "string" ? Number.parseFloat(value) : value });
  return Object.hasOwn(read, key) ? (read as Settings)[key] : undefined;
}

/** Sets a field setting by the id of the override property. Ignores unknown ids and unusable values. */
function withProperty(config: FieldConfig, id: string, value: unknown): FieldConfig {
  const path = id.split(".");
  if (path.length > MAX_PATH || path.some((key) => key === "" || forbidden.has(key))) return config;
  const own = valueOf(path, value);
  return own === undefined ? config : withPath(config as Settings, path, own);
}

/**
 * Settings that apply only to numeric fields. For other columns, the panel's defaults of these settings are ignored,
 * but a data source may set them.
 */
const ofNumbers = new Set(["min", "max", "decimals", "fieldMinMax"]);

/** Reports whether a threshold step is the base step, which applies from -Infinity. JSON stores this value as null. */
const isBase = ({ value }: ThresholdStep): boolean => ((value as number | null) ?? -Infinity) === -Infinity;

/** Adds the base step (-Infinity) of the defaults to absolute thresholds that have no base step. */
function withBaseStep(thresholds: Thresholds, defaults: Thresholds): Thresholds {
  if (thresholds.mode !== "absolute" || defaults.mode !== "absolute" || thresholds.steps.some(isBase))
    return thresholds;
  const base = defaults.steps.find(isBase);
  return base === undefined ? thresholds : { ...thresholds, steps: [base, ...thresholds.steps] };
}

/**
 * Adds the panel's default settings to those of a field. As in Grafana, settings that the data source made take
 * precedence.
 */
function withDefaults(field: Field, defaults: FieldConfig): FieldConfig {
  const { config, type } = field;
  const merged: Record<string, unknown> = { ...config };
  for (const [key, value] of Object.entries(defaults)) {
    if (value === undefined || value === null || key === "custom" || forbidden.has(key)) continue;
    if (ofNumbers.has(key) && type !== "number") continue;
    if (key === "mappings" && type === "time") continue;
    merged[key] ??= value;
  }
  if (config.thresholds !== undefined && defaults.thresholds !== undefined)
    merged["thresholds"] = withBaseStep(config.thresholds, defaults.thresholds);
  const links = [...(config.links ?? []), ...(defaults.links ?? [])];
  if (links.length > 0) merged["links"] = links;
  if (config.custom !== undefined || defaults.custom !== undefined) {
    const said = Object.entries(config.custom ?? {}).filter(([, value]) => value !== null && value !== undefined);
    merged["custom"] = { ...defaults.custom, ...Object.fromEntries(said) };
  }
  return merged;
}

/**
 * Adds settings that follow from other settings: the default colour mode `thresholds`, and a min that is not above max.
 */
function completed(config: FieldConfig): FieldConfig {
  const { color, thresholds, min, max } = config;
  const isSwapped = min !== undefined && max !== undefined && min > max;
  return {
    ...config,
    ...(color === undefined && thresholds !== undefined ? { color: { mode: "thresholds" } } : {}),
    ...(isSwapped ? { min: max, max: min } : {}),
  };
}

interface Rule {
  readonly test: FieldTest;
  readonly properties: FieldConfigSource["overrides"][number]["properties"];
}

/**
 * Applies the panel's settings to the fields of frames. Settings of the data source take precedence over the panel's
 * defaults. The overrides then follow in order: later ones win, and null removes a setting. Overrides select fields by
 * the names that they have with the defaults. The order of columns stays the same, and unknown overrides are ignored.
 * The first frame gets a notice for each regular expression that was refused, or whose matching was stopped.
 */
export function applyFieldConfig(
  frames: readonly Frame[],
  source: FieldConfigSource,
  interpolate: NameInterpolation = (text) => text,
): readonly Frame[] {
  const { result, faults } = collectFaults(() => {
    compileMappings(source);
    return withSettings(frames, source, interpolate, "series");
  });
  if (result.length === 0) return result;
  return withWarnings(
    result,
    faults.map((fault) => `The settings of the fields: ${fault}.`),
  );
}

/**
 * Compiles the regular expressions of value mappings, so that invalid expressions are reported even if no value is
 * shown.
 */
function compileMappings({ defaults, overrides }: FieldConfigSource): void {
  const lists = [defaults.mappings, ...overrides.flatMap(({ properties }) => properties.map(mappingsOf))];
  for (const mappings of lists) valueMapper(mappings);
}

const mappingsOf = ({ id, value }: Rule["properties"][number]): FieldConfig["mappings"] =>
  id === "mappings" && value !== null && value !== undefined ? readConfig({ mappings: value }).mappings : undefined;

/** Applies the settings to the frames in a column's cells. Matchers and names are compiled once for all cells. */
function withCells(
  values: readonly (Frame | null)[],
  change: (cells: readonly Frame[]) => readonly Frame[],
): (Frame | null)[] {
  const changed = change(values.filter((cell) => cell !== null)).values();
  return values.map((cell) => (cell === null ? null : changed.next().value!));
}

function withSettings(
  frames: readonly Frame[],
  source: FieldConfigSource,
  interpolate: NameInterpolation,
  scope: string,
): Frame[] {
  const withName = (config: FieldConfig, field: Field, frame: Frame): FieldConfig =>
    config.displayName === undefined || !config.displayName.includes("$")
      ? config
      : { ...config, displayName: interpolate(config.displayName, { ...field, config }, frame) };
  const prepared = frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => ({
      ...field,
      config: withName(withDefaults(field, source.defaults), field, frame),
    })),
  }));
  const names = scope === "nested" ? new SeparateFieldNames() : new FieldNames(prepared);
  const rules = source.overrides.flatMap(({ matcher, properties }): Rule[] => {
    if ((matcher.scope ?? "series") !== scope) return [];
    const test = compileFieldMatcher(matcher, prepared, names);
    return test === undefined ? [] : [{ test, properties }];
  });
  const settingsOf = (field: Field, frame: Frame): FieldConfig => {
    let { config } = field;
    for (const { test, properties } of rules) {
      if (!test(field, frame)) continue;
      for (const { id, value } of properties) config = withProperty(config, id, value);
    }
    return completed(withName(config, field, frame));
  };
  return prepared.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field): Field => {
      const config = settingsOf(field, frame);
      if (field.type !== "frame") return { ...field, config };
      // Uses the settings of a column as defaults for the series within its cells.
      const inner = { defaults: config, overrides: source.overrides };
      return {
        ...field,
        config,
        values: withCells(field.values, (cells) => withSettings(cells, inner, interpolate, "nested")),
      };
    }),
  }));
}

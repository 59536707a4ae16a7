import { columnOf, type Field, type FieldConfig, type Frame } from "@narthex/dashboards";
import { PluginError } from "../plugin-error.ts";
import { LIMITS } from "./limits.ts";

type Json = Readonly<Record<string, unknown>>;

const TYPES = { time: "number", number: "number", string: "string", boolean: "boolean" } as const;

/** Reads the frames that a plugin returned. Throws PluginError if their shape, lengths or types are wrong. */
export function readPluginFrames(value: unknown): readonly Frame[] {
  if (!Array.isArray(value)) throw new PluginError("query must return a list of frames");
  if (value.length > LIMITS.frames) throw new PluginError(`query returned more than ${LIMITS.frames} frames`);
  let cells = 0;
  return value.map((frame: unknown, at) => {
    const place = `frame ${at}`;
    const { name, fields } = objectOf(frame, place);
    if (name !== undefined && typeof name !== "string") throw new PluginError(`${place}: "name" must be a text`);
    if (!Array.isArray(fields)) throw new PluginError(`${place}: "fields" must be a list`);
    if (fields.length > LIMITS.fields) throw new PluginError(`${place} has more than ${LIMITS.fields} fields`);
    const lengths = fields.map((field: unknown, column) => valuesOf(field, `${place}, field ${column}`).length);
    const length = lengths[0] ?? 0;
    if (lengths.some((one) => one !== length))
      throw new PluginError(
        `${place}: the fields have different numbers of values: ${lengths.slice(0, 10).join(", ")}`,
      );
    cells += length * fields.length;
    if (cells > LIMITS.cells) throw new PluginError(`query returned more than ${LIMITS.cells} values; return fewer`);
    return {
      ...(name !== undefined && { name }),
      length,
      fields: fields.map((field: unknown, column) => readField(field, `${place}, field ${column}`)),
    };
  });
}

function objectOf(value: unknown, place: string): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw new PluginError(`${place} must be an object`);
}

function valuesOf(field: unknown, place: string): readonly unknown[] {
  const { values } = objectOf(field, place);
  if (Array.isArray(values)) return values as unknown[];
  throw new PluginError(`${place}: "values" must be a list`);
}

function readField(given: unknown, place: string): Field {
  const field = objectOf(given, place);
  const { name, type, labels, config } = field;
  if (typeof name !== "string") throw new PluginError(`${place}: "name" must be a text`);
  if (typeof type !== "string" || !Object.hasOwn(TYPES, type))
    throw new PluginError(`${place}: "type" must be one of ${Object.keys(TYPES).join(", ")}`);
  const wanted = TYPES[type as keyof typeof TYPES];
  const values = valuesOf(field, place);
  const wrong = values.findIndex((one) => one !== null && typeof one !== wanted);
  if (wrong !== -1)
    throw new PluginError(`${place} ("${name.slice(0, 100)}"): value ${wrong} must be a ${wanted} or null`);
  const head = { name, labels: readLabels(labels, place), config: readConfig(config, place) };
  return columnOf(head, type as keyof typeof TYPES, values);
}

function readLabels(labels: unknown, place: string): Readonly<Record<string, string>> | undefined {
  if (labels === undefined) return undefined;
  const entries = Object.entries(objectOf(labels, `${place}: "labels"`));
  for (const [name, value] of entries)
    if (typeof value !== "string") throw new PluginError(`${place}: the label "${name.slice(0, 100)}" must be a text`);
  return Object.fromEntries(entries as [string, string][]);
}

const CONFIG = { unit: "string", displayName: "string", decimals: "number", min: "number", max: "number" } as const;

/** Reads the settings of a column that a plugin may set. Others are left out. */
function readConfig(config: unknown, place: string): FieldConfig {
  if (config === undefined) return {};
  const given = objectOf(config, `${place}: "config"`);
  const known = Object.entries(CONFIG).filter(([key]) => Object.hasOwn(given, key));
  for (const [key, type] of known)
    if (typeof given[key] !== type) throw new PluginError(`${place}: "config.${key}" must be a ${type}`);
  return Object.fromEntries(known.map(([key]) => [key, given[key]]));
}

import type { JsonValue } from "@narthex/config";
import type { ReferenceReader } from "../../custom-objects/references.ts";
import { SpecError, within } from "../../custom-objects/spec-error.ts";
import type { SpecFields } from "../../custom-objects/spec-fields.ts";
import type { AlertmanagerConfigVersion } from "../section.ts";

export interface FieldContext {
  readonly version: AlertmanagerConfigVersion;
  readonly references: ReferenceReader;
}

/** A field of an object: its name in alertmanager.yml, and how its value is read. */
interface Row {
  readonly name: string;
  /** Returns the value for alertmanager.yml, or undefined to leave the field out. */
  read(fields: SpecFields, key: string, context: FieldContext): JsonValue | undefined;
  /** Fields of the object or of the objects in the field. */
  readonly table?: FieldTable;
}

/** Fields of an object by their names in the API. */
export type FieldTable = ReadonlyMap<string, Row>;

export const fieldTable = (rows: Readonly<Record<string, Row>>): FieldTable => new Map(Object.entries(rows));

/** Returns the fields under their names in alertmanager.yml. Throws SpecError for a field that the table lacks. */
export function convertFields(fields: SpecFields, table: FieldTable, context: FieldContext): Record<string, JsonValue> {
  const converted: Record<string, JsonValue> = {};
  for (const key of fields.keys) {
    if (fields.value(key) === undefined) continue;
    const row = table.get(key);
    if (row === undefined) throw new SpecError(`${fields.at(key)} is not known to this version: remove it`, true);
    const value = row.read(fields, key, context);
    if (value !== undefined) converted[row.name] = value;
  }
  return converted;
}

/** A text. As with the operator, an empty text is the same as an absent one. */
export const text = (name: string): Row => ({ name, read: (fields, key) => fields.text(key) || undefined });

/** A text that differs from an absent one if it is empty. */
export const keptText = (name: string): Row => ({ name, read: (fields, key) => fields.text(key) });

export const texts = (name: string): Row => ({
  name,
  read: (fields, key) => (fields.list(key).length === 0 ? undefined : fields.texts(key)),
});

export const flag = (name: string): Row => ({ name, read: (fields, key) => fields.flag(key) });

export const wholeNumber = (name: string): Row => ({
  name,
  read(fields, key) {
    const value = fields.value(key);
    if (Number.isSafeInteger(value)) return value;
    throw new SpecError(`${fields.at(key)} is not a whole number`, true);
  },
});

const SELECTOR_FIELDS: ReadonlySet<string> = new Set(["name", "key", "optional"]);

function secretValue(fields: SpecFields, key: string, { references }: FieldContext): string {
  const reference = fields.object(key)!;
  const unknown = reference.keys.find((each) => !SELECTOR_FIELDS.has(each));
  if (unknown !== undefined) throw new SpecError(`${reference.at(unknown)} is not known: remove it`, true);
  return within(fields.at(key), () => references.secret(reference));
}

/** A value of a Secret in the object's namespace. */
export const secret = (name: string): Row => ({ name, read: secretValue });

/** A URL in a Secret. The text may end with a line feed, as files do that Secrets are made of. */
export const secretUrl = (name: string): Row => ({
  name,
  read: (fields, key, context) => secretValue(fields, key, context).trim(),
});

/** Lists of `key` and `value` in the API, which are mappings in alertmanager.yml. */
export const keyValues = (name: string): Row => ({
  name,
  read(fields, key) {
    const pairs = fields.objects(key).map((pair) => [pair.text("key"), pair.text("value")] as const);
    return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
  },
});

/** Header fields of a mail: as `keyValues`, but no name may occur twice. */
export const headers = (name: string): Row => ({
  name,
  read(fields, key, context) {
    const seen = new Set<string>();
    for (const pair of fields.objects(key)) {
      const header = pair.text("key").toLowerCase();
      if (seen.has(header))
        throw new SpecError(`${fields.at(key)} has the header ${JSON.stringify(header)} twice`, true);
      seen.add(header);
    }
    return keyValues(name).read(fields, key, context);
  },
});

/** A mapping of texts. */
export const textMap = (name: string): Row => ({
  name,
  read(fields, key) {
    const map = fields.object(key)!;
    return Object.fromEntries(map.keys.map((each) => [each, map.text(each)]));
  },
});

export const object = (name: string, table: FieldTable): Row => ({
  name,
  table,
  read: (fields, key, context) => convertFields(fields.object(key)!, table, context),
});

export const objects = (name: string, table: FieldTable): Row => ({
  name,
  table,
  read(fields, key, context) {
    const items = fields.objects(key).map((item) => convertFields(item, table, context));
    return items.length === 0 ? undefined : items;
  },
});

/** A field that the API offers but that this program refuses, because it names a file of the Alertmanager's machine. */
export const refusedFile = (instead: string): Row => ({
  name: "",
  read(fields, key) {
    if (fields.text(key) === "") return undefined;
    throw new SpecError(`${fields.at(key)} names a file of the Alertmanager, which is refused: use ${instead}`, true);
  },
});

/** A field that only one version of the API has. */
export const onlyIn = (version: AlertmanagerConfigVersion, row: Row): Row => ({
  name: row.name,
  read(fields, key, context) {
    if (context.version === version) return row.read(fields, key, context);
    throw new SpecError(`${fields.at(key)} exists only in ${version}`, true);
  },
});

import type { Findings } from "../model/findings.ts";
import { isObject, listAt, type MutableJson, objectAt } from "../model/json.ts";

/** A source as migrations need to know it, to turn names into references. */
export interface KnownSource {
  readonly uid: string;
  readonly name: string;
  /** The plugin's name: `prometheus`. */
  readonly type: string;
  readonly isDefault: boolean;
}

export interface MigrationContext {
  readonly findings: Findings;
  /** Sources of the installation; none where they are not known, and names then stand in place of uids. */
  readonly sources: readonly KnownSource[];
}

/** A step to a version of the schema. It changes the JSON in place and never throws, whatever the JSON holds. */
export interface Migration {
  readonly to: number;
  migrate(dashboard: MutableJson, context: MigrationContext): void;
}

/** Variables of a dashboard with their paths. */
export function variablesOf(dashboard: Readonly<MutableJson>): { variable: MutableJson; path: string }[] {
  return listAt(objectAt(dashboard, "templating") ?? {}, "list").flatMap((variable, i) =>
    isObject(variable) ? [{ variable, path: `templating.list[${i}]` }] : [],
  );
}

/** The object under a key, made where there is none. */
export function madeAt(object: MutableJson, key: string): MutableJson {
  const made = objectAt(object, key) ?? {};
  object[key] = made;
  return made;
}

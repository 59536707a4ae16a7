import type { Findings } from "../model/findings.ts";
import { isObject, listAt, type MutableJson, objectAt } from "../model/json.ts";

/**
 * A data source of the installation. These properties are used to find a data source by its name, so that a reference
 * replaces the name.
 */
export interface KnownSource {
  readonly uid: string;
  readonly name: string;
  /** The plugin's name: `prometheus`. */
  readonly type: string;
  readonly isDefault: boolean;
  /** The kind of the data source, if it is known. Data sources of one kind may have several plugin types. */
  readonly kind?: { readonly types: readonly string[] };
}

export interface MigrationContext {
  readonly findings: Findings;
  /**
   * Data sources of the installation. If the list is empty, the data sources are unknown, and their names are used as
   * uids.
   */
  readonly sources: readonly KnownSource[];
}

/**
 * A step that migrates a dashboard to one version of the schema. The step changes the JSON in place, and never throws,
 * whatever the JSON contains.
 */
export interface Migration {
  readonly to: number;
  migrate(dashboard: MutableJson, context: MigrationContext): void;
}

/** Returns the variables of a dashboard with their paths. */
export function variablesOf(dashboard: Readonly<MutableJson>): { variable: MutableJson; path: string }[] {
  return listAt(objectAt(dashboard, "templating") ?? {}, "list").flatMap((variable, i) =>
    isObject(variable) ? [{ variable, path: `templating.list[${i}]` }] : [],
  );
}

/** Returns the object under a key. Creates an empty object if the key is missing. */
export function madeAt(object: MutableJson, key: string): MutableJson {
  const made = objectAt(object, key) ?? {};
  object[key] = made;
  return made;
}

import { type Edit, isSameJson, type JsonObject, type Panel, valueAtPath } from "@narthex/dashboards";
import { atPath, type OptionTable } from "../../../contracts/option-table.ts";
import type { PanelModule } from "../../../contracts/panel-kind.ts";
import { isJsonObject, listAtPath, textOf } from "../panel-edit.ts";

/**
 * The properties of a panel that depend on its kind. The editor remembers these properties for each earlier kind, so
 * that they are restored if the user selects the kind again.
 */
export interface KindState {
  readonly options: unknown;
  readonly custom: unknown;
  readonly overrides: unknown;
}

const OPTIONS = ["options"];
const CUSTOM = ["fieldConfig", "defaults", "custom"];
const OVERRIDES = ["fieldConfig", "overrides"];

export const kindStateOf = ({ source }: Panel): KindState => ({
  options: valueAtPath(source, OPTIONS),
  custom: valueAtPath(source, CUSTOM),
  overrides: valueAtPath(source, OVERRIDES),
});

/** Returns the parts of a JSON value that are options in a table. The parts keep their paths. */
function known(table: OptionTable, json: unknown): JsonObject {
  const kept: Record<string, unknown> = {};
  for (const { path } of Object.values(table)) {
    const value = atPath(json, path);
    if (value === undefined) continue;
    const keys = path.split(".");
    const last = keys.pop()!;
    let at = kept;
    for (const key of keys) {
      const next = isJsonObject(at[key]) ? { ...at[key] } : {};
      at[key] = next;
      at = next;
    }
    at[last] = value;
  }
  return kept;
}

/** Returns a panel's overrides without the `custom` properties that the new kind does not have. */
function knownOverrides(source: JsonObject, fieldOptions: OptionTable): readonly unknown[] {
  const ids = Object.values(fieldOptions).map(({ path }) => `custom.${path}`);
  const isKnown = (id: string): boolean =>
    !id.startsWith("custom.") || ids.some((one) => one === id || one.startsWith(`${id}.`));
  return listAtPath(source, OVERRIDES).map((override) =>
    isJsonObject(override)
      ? {
          ...override,
          properties: listAtPath(override, ["properties"]).filter(
            (property) => isJsonObject(property) && isKnown(textOf(property, "id")),
          ),
        }
      : override,
  );
}

const isOfKind = (property: unknown): boolean => isJsonObject(property) && textOf(property, "id").startsWith("custom.");

const sharedOf = (override: unknown): unknown =>
  isJsonObject(override)
    ? { ...override, properties: listAtPath(override, ["properties"]).filter((one) => !isOfKind(one)) }
    : override;

/**
 * Returns the overrides of a panel that returns to an earlier kind: the current overrides, plus the `custom` properties
 * of the kind's earlier overrides in `before`.
 */
function restoredOverrides(now: readonly unknown[], before: unknown): unknown {
  const former: readonly unknown[] = Array.isArray(before) ? before : [];
  const shared = now.map(sharedOf);
  if (isSameJson(shared, former.map(sharedOf))) return before;
  return former.reduce((all: readonly unknown[], override) => withOwnOf(all, override), shared);
}

/**
 * Adds the `custom` properties of an override to the override with the same matcher. Appends a new override if no
 * override has this matcher.
 */
function withOwnOf(all: readonly unknown[], override: unknown): readonly unknown[] {
  const own = listAtPath(override, ["properties"]).filter(isOfKind);
  if (own.length === 0 || !isJsonObject(override)) return all;
  const at = all.findIndex((one) => isJsonObject(one) && isSameJson(one["matcher"], override["matcher"]));
  const same = all[at];
  if (!isJsonObject(same)) return [...all, { ...override, properties: own }];
  return all.with(at, { ...same, properties: [...listAtPath(same, ["properties"]), ...own] });
}

/**
 * Returns the edits that change a panel's kind. Settings that the new kind does not have are removed; if the panel had
 * the new kind earlier, `before` restores the earlier settings.
 */
export function kindEdits(
  { source }: Panel,
  type: string,
  module: PanelModule,
  before: KindState | undefined,
): readonly Edit[] {
  if (before !== undefined)
    return [
      { path: ["type"], value: type },
      { path: OPTIONS, value: before.options },
      { path: CUSTOM, value: before.custom },
      { path: OVERRIDES, value: restoredOverrides(listAtPath(source, OVERRIDES), before.overrides) },
    ];
  const custom = known(module.fieldOptions, valueAtPath(source, CUSTOM));
  const edits: readonly Edit[] = [
    { path: ["type"], value: type },
    { path: OPTIONS, value: known(module.options, valueAtPath(source, OPTIONS)) },
    { path: CUSTOM, value: Object.keys(custom).length === 0 ? undefined : custom },
  ];
  const overrides = knownOverrides(source, module.fieldOptions);
  return overrides.length === 0 ? edits : [...edits, { path: OVERRIDES, value: overrides }];
}

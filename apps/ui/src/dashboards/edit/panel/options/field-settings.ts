import type { PanelModule } from "../../../contracts/panel-kind.ts";
import { number, type Option, text, toggle } from "../../../contracts/option-table.ts";

type SettingForm =
  | { readonly kind: "option"; readonly option: Option }
  | { readonly kind: "unit" | "color" | "thresholds" | "mappings" | "links" };

/**
 * A setting of fields. `fieldConfig.defaults` contains its value for all fields, and overrides contain values for some
 * of them.
 */
export interface FieldSetting {
  /** Path below `fieldConfig.defaults`, separated by dots. */
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly description?: string;
  readonly form: SettingForm;
}

const STANDARD = "Standard options";

const option = (one: Option, description?: string): FieldSetting => ({
  id: one.path,
  name: one.name,
  group: STANDARD,
  ...(description === undefined ? {} : { description }),
  form: { kind: "option", option: one },
});

/**
 * The field settings that every kind of panel has. To add a setting, add a line here, and read the setting in
 * `field-config.ts`.
 */
export const standardSettings: readonly FieldSetting[] = [
  { id: "unit", name: "Unit", group: STANDARD, form: { kind: "unit" } },
  option(number("min", "Min", undefined), "Leave empty to calculate from the data"),
  option(number("max", "Max", undefined), "Leave empty to calculate from the data"),
  option(toggle("fieldMinMax", "Field min/max", false), "Calculate min and max for each field on its own"),
  option(number("decimals", "Decimals", undefined, { min: 0, max: 999, integer: true })),
  option(text("displayName", "Display name"), "Replaces the name of the field or series; may contain variables"),
  { id: "color", name: "Color scheme", group: STANDARD, form: { kind: "color" } },
  option(text("noValue", "No value"), "Text that is shown if there is no value"),
  { id: "links", name: "Data links", group: "Data links", form: { kind: "links" } },
  { id: "mappings", name: "Value mappings", group: "Value mappings", form: { kind: "mappings" } },
  { id: "thresholds", name: "Thresholds", group: "Thresholds", form: { kind: "thresholds" } },
];

/** Returns the field settings that only one kind of panel has. */
export const customSettings = ({ fieldOptions }: PanelModule, kindName: string): readonly FieldSetting[] =>
  Object.values(fieldOptions).map((one) => ({
    id: `custom.${one.path}`,
    name: one.name,
    group: one.kind === "raw" ? "Other" : (one.group ?? kindName),
    ...(one.description === undefined ? {} : { description: one.description }),
    form: { kind: "option", option: one },
  }));

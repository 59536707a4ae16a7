import { type Option, readOptions } from "../../../contracts/option-table.ts";
import type { FieldSetting } from "../options/field-settings.ts";
import { ColorSchemeField } from "./ColorSchemeField.tsx";
import { DataLinksField } from "./DataLinksField.tsx";
import { MappingsField } from "./MappingsField.tsx";
import { OptionInput } from "./OptionInput.tsx";
import { ThresholdsField } from "./ThresholdsField.tsx";
import { UnitField } from "./UnitField.tsx";

/** Returns the value of an option in the panel's JSON; the option's default if the value is invalid. */
export const readOption = (option: Option, value: unknown): unknown =>
  readOptions({ one: { ...option, path: "one" } }, { one: value }).one;

export function SettingInput({
  setting: { name, form },
  value,
  onChange,
}: {
  setting: FieldSetting;
  value: unknown;
  /** Called with the new value, or with undefined to remove the setting from the JSON. */
  onChange: (value: unknown) => void;
}) {
  switch (form.kind) {
    case "option":
      return <OptionInput option={form.option} value={readOption(form.option, value)} onChange={onChange} />;
    case "unit":
      return <UnitField label={name} value={value} onChange={onChange} />;
    case "color":
      return <ColorSchemeField label={name} value={value} onChange={onChange} />;
    case "thresholds":
      return <ThresholdsField value={value} onChange={onChange} />;
    case "mappings":
      return <MappingsField value={value} onChange={onChange} />;
    case "links":
      return <DataLinksField value={value} onChange={onChange} />;
  }
}

import { type Option, readOptions } from "../../../panels/option-table.ts";
import type { FieldSetting } from "../options/field-settings.ts";
import { ColorSchemeField } from "./ColorSchemeField.tsx";
import { DataLinksField } from "./DataLinksField.tsx";
import { MappingsField } from "./MappingsField.tsx";
import { OptionInput } from "./OptionInput.tsx";
import { ThresholdsField } from "./ThresholdsField.tsx";
import { UnitField } from "./UnitField.tsx";

/** Reads a JSON value as an option: the value, or the default if it is invalid. */
export const readOption = (option: Option, value: unknown): unknown =>
  readOptions({ one: { ...option, path: "one" } }, { one: value }).one;

/** The input of one field setting. */
export function SettingInput({
  setting: { name, form },
  value,
  onChange,
}: {
  setting: FieldSetting;
  /** Value in the JSON. */
  value: unknown;
  /** Called with undefined to remove the value. */
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

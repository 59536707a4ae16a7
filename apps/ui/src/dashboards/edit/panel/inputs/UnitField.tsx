import { unitCategories } from "@narthex/dashboards";
import { PickButton } from "./PickButton.tsx";

const options = unitCategories.flatMap(({ name: category, units }) =>
  units.map(([id, name]) => ({ value: id, text: name, hint: category })),
);
const names = new Map(options.map(({ value, text }) => [value, text]));

/** Selects the unit of values. A unit that is not in the list is typed as `suffix:req` or `prefix:$`. */
export function UnitField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: unknown;
  onChange: (unit: string) => void;
}) {
  const unit = typeof value === "string" ? value : "";
  return (
    <PickButton
      label={label}
      text={names.get(unit) ?? (unit === "" ? "Choose a unit" : unit)}
      options={options}
      chosen={unit}
      takesOthers
      onPick={onChange}
    />
  );
}

import { usePanelEditing } from "../panel-edit-context.ts";
import { PickButton } from "./PickButton.tsx";
import { PickSeveral } from "./PickSeveral.tsx";

const optionsOf = (names: readonly string[]) => names.map((name) => ({ value: name, text: name }));

/** Selects a data field by its name. */
export function FieldPick({
  label,
  value,
  names,
  hint = "Choose a field",
  onPick,
}: {
  label: string;
  value: string;
  /** Names of the fields. */
  names: readonly string[];
  /** Text of the button if no field is selected. */
  hint?: string;
  onPick: (name: string) => void;
}) {
  return (
    <PickButton
      label={label}
      text={value === "" ? hint : value}
      options={optionsOf(names)}
      chosen={value}
      takesOthers
      onPick={onPick}
    />
  );
}

/** Selects several data fields by their names. */
export function FieldList(props: {
  label: string;
  value: readonly string[];
  onChange: (names: readonly string[]) => void;
}) {
  const { fieldNames } = usePanelEditing();
  return <PickSeveral {...props} options={optionsOf(fieldNames)} takesOthers />;
}

import { findReducer, reducers } from "@narthex/dashboards";
import { PickButton } from "./PickButton.tsx";
import { PickSeveral } from "./PickSeveral.tsx";

const options = reducers.map(({ id, name, description }) => ({ value: id, text: name, hint: description }));

const nameOf = (id: string): string => findReducer(id)?.name ?? id;

/** Selects several reducers, in order. A reducer computes one value from many. */
export function Reducers(props: {
  label: string;
  value: readonly string[];
  onChange: (ids: readonly string[]) => void;
}) {
  return <PickSeveral {...props} options={options} nameOf={nameOf} />;
}

/** Selects one reducer. */
export function ReducerPick({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (id: string) => void;
}) {
  return <PickButton label={label} text={nameOf(value)} options={options} chosen={value} onPick={onChange} />;
}

import { CloseButton } from "@mantine/core";
import { findReducer, reducers } from "@narthex/dashboards";
import { useMemo } from "react";
import { classesOf } from "../../../../shell/style-sheet.ts";
import { PickButton } from "./PickButton.tsx";
import styles from "./Reducers.module.css";

const css = classesOf(styles);

const options = reducers.map(({ id, name, description }) => ({ value: id, text: name, hint: description }));

const nameOf = (id: string): string => findReducer(id)?.name ?? id;

/** Selects several reducers, in order. A reducer computes one value from many. */
export function Reducers({
  label,
  value,
  onChange,
}: {
  label: string;
  value: readonly string[];
  onChange: (ids: readonly string[]) => void;
}) {
  const chosen = useMemo(() => new Set(value), [value]);
  const toggle = (id: string): void => onChange(chosen.has(id) ? value.filter((one) => one !== id) : [...value, id]);
  return (
    <div className={css("reducers")}>
      {value.length > 0 && (
        <ul className={css("chosen")}>
          {value.map((id) => (
            <li key={id} className={css("one")}>
              {nameOf(id)}
              <CloseButton size="xs" aria-label={`Remove ${nameOf(id)}`} onClick={() => toggle(id)} />
            </li>
          ))}
        </ul>
      )}
      <PickButton label={label} text="Choose" options={options} chosen={chosen} isMulti onPick={toggle} />
    </div>
  );
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
  const chosen = useMemo(() => new Set([value]), [value]);
  return <PickButton label={label} text={nameOf(value)} options={options} chosen={chosen} onPick={onChange} />;
}

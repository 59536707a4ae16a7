import { CloseButton } from "@mantine/core";
import type { PickOption } from "../../../../time-controls/OptionPicker.tsx";
import { PickButton } from "./PickButton.tsx";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./PickSeveral.module.css";

const css = classesOf(styles);

/** Selects several of a list's values, in order. */
export function PickSeveral({
  label,
  value,
  options,
  takesOthers = false,
  nameOf = (one) => one,
  onChange,
}: {
  label: string;
  value: readonly string[];
  options: readonly PickOption[];
  takesOthers?: boolean;
  nameOf?: (value: string) => string;
  onChange: (value: readonly string[]) => void;
}) {
  const toggle = (picked: string): void =>
    onChange(value.includes(picked) ? value.filter((one) => one !== picked) : [...value, picked]);
  return (
    <div className={css("several")}>
      {value.length > 0 && (
        <ul className={css("chosen")}>
          {value.map((one) => (
            <li key={one} className={css("one")}>
              {nameOf(one)}
              <CloseButton size="xs" aria-label={`Remove ${nameOf(one)}`} onClick={() => toggle(one)} />
            </li>
          ))}
        </ul>
      )}
      <PickButton
        label={label}
        text="Choose"
        options={options}
        chosen={value}
        isMulti
        takesOthers={takesOthers}
        onPick={toggle}
      />
    </div>
  );
}

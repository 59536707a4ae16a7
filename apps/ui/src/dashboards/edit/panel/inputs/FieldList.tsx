import { CloseButton } from "@mantine/core";
import { useMemo } from "react";
import { usePanelEditing } from "../panel-edit-context.ts";
import { PickButton } from "./PickButton.tsx";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./FieldList.module.css";

const css = classesOf(styles);

/** Selects several fields by their names. */
export function FieldList({
  label,
  value,
  onChange,
}: {
  label: string;
  value: readonly string[];
  onChange: (names: readonly string[]) => void;
}) {
  const { fieldNames } = usePanelEditing();
  const chosen = useMemo(() => new Set(value), [value]);
  const toggle = (name: string): void =>
    onChange(chosen.has(name) ? value.filter((one) => one !== name) : [...value, name]);
  return (
    <div className={css("fields")}>
      <ul className={css("chosen")}>
        {value.map((name) => (
          <li key={name} className={css("one")}>
            {name}
            <CloseButton size="xs" aria-label={`Remove ${name}`} onClick={() => toggle(name)} />
          </li>
        ))}
      </ul>
      <PickButton
        label={label}
        text="Choose"
        options={fieldNames.map((name) => ({ value: name, text: name }))}
        chosen={chosen}
        isMulti
        takesOthers
        onPick={toggle}
      />
    </div>
  );
}

import { Popover } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { clearedSelection, isSameSelection, takesOthers, type VariableOption } from "@narthex/dashboards";
import { useMemo, useState } from "react";
import { TextButton } from "../../shell/TextButton.tsx";
import { classesOf } from "../../shell/style-sheet.ts";
import { chosenText, offeredOptions, toggled } from "./chosen-options.ts";
import { OptionPicker } from "../../time-controls/OptionPicker.tsx";
import type { VariableControlProps } from "./VariableControls.tsx";
import styles from "./VariableSelect.module.css";

const css = classesOf(styles);

/** Selects one or several options of a variable. In a multi-select, the selection is applied when the list closes. */
export function VariableSelect({ state, label, onChange, onSearch }: VariableControlProps) {
  const { variable, current } = state;
  const isMulti = variable.multi || variable.type === "groupby";
  // The options that are selected in the open list of the variable; null while the list is closed.
  const [draft, setDraft] = useState<readonly VariableOption[] | null>(null);
  const chosen = draft ?? current;
  const commit = (): void => {
    if (draft === null) return;
    setDraft(null);
    const next = draft.length === 0 ? clearedSelection(state) : draft;
    if (!isSameSelection(next, current)) onChange(next);
  };
  const pick = ({ text, value }: VariableOption): void => {
    if (isMulti) setDraft(toggled(chosen, { text, value }));
    else {
      setDraft(null);
      if (!isSameSelection([{ text, value }], current)) onChange([{ text, value }]);
    }
  };
  const text = chosenText(chosen);
  return (
    <Popover
      opened={draft !== null}
      onChange={(opened) => !opened && commit()}
      position="bottom-start"
      shadow="md"
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <button
          type="button"
          className={css("target")}
          aria-label={`${label}: ${text}`}
          title={text}
          onClick={() => (draft === null ? setDraft(current) : commit())}
        >
          <span className={css("text")}>{text}</span>
          <IconChevronDown size={14} aria-hidden />
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={`Choose ${label}`} p={8}>
        <Options
          state={state}
          label={label}
          chosen={chosen}
          isMulti={isMulti}
          onPick={pick}
          {...(onSearch === undefined ? {} : { onSearch })}
        />
        {isMulti && (
          <div className={css("foot")}>
            <TextButton onClick={() => setDraft([])}>Clear</TextButton>
            <TextButton onClick={commit}>Done</TextButton>
          </div>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

interface OptionsProps extends Omit<VariableControlProps, "onChange"> {
  readonly chosen: readonly VariableOption[];
  readonly isMulti: boolean;
  readonly onPick: (option: VariableOption) => void;
}

function Options({ state, label, chosen, isMulti, onPick, onSearch }: OptionsProps) {
  const { variable, options, current } = state;
  const offered = useMemo(() => offeredOptions(variable, options, current), [variable, options, current]);
  const values = useMemo(() => new Set(chosen.map(({ value }) => value)), [chosen]);
  // Selected values that the user has typed and that are not options. The list shows them too.
  const typed = chosen.filter(({ value }) => !offered.some((option) => option.value === value));
  return (
    <div className={css("options")}>
      <OptionPicker
        label={`Options of ${label}`}
        options={typed.length === 0 ? offered : [...typed, ...offered]}
        chosen={values}
        isMulti={isMulti}
        takesOthers={takesOthers(variable)}
        onPick={onPick}
        emptyText={state.error ?? "No option matches."}
        {...(onSearch === undefined ? {} : { onSearch })}
      />
    </div>
  );
}

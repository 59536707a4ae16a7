import { Popover } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { classesOf } from "../../../../shell/style-sheet.ts";
import { OptionPicker, type PickOption } from "../../../../time-controls/OptionPicker.tsx";
import styles from "./PickButton.module.css";

const css = classesOf(styles);

interface PickButtonProps {
  readonly label: string;
  readonly text: string;
  readonly options: readonly PickOption[];
  /** The selected value or values; by default none. */
  readonly chosen?: string | readonly string[];
  readonly takesOthers?: boolean;
  readonly emptyText?: string;
  /** Whether the list stays open after a selection. */
  readonly isMulti?: boolean;
  readonly onPick: (value: string) => void;
}

/** A button that opens a list with a search field. */
export function PickButton(props: PickButtonProps) {
  const { label, text, options, chosen = "", isMulti = false, takesOthers = false, onPick } = props;
  const [isOpen, setOpen] = useState(false);
  const chosenValues = useMemo(() => new Set(typeof chosen === "string" ? [chosen] : chosen), [chosen]);
  return (
    <Popover
      opened={isOpen}
      onChange={setOpen}
      position="bottom-start"
      shadow="md"
      trapFocus
      returnFocus
      withinPortal
      width={320}
    >
      <Popover.Target>
        <button
          type="button"
          className={css("target")}
          aria-label={`${label}: ${text}`}
          title={text}
          onClick={() => setOpen(!isOpen)}
        >
          <span className={css("text")}>{text}</span>
          <IconChevronDown size={14} aria-hidden />
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={`Choose ${label}`} p={8}>
        <OptionPicker
          label={label}
          options={options}
          chosen={chosenValues}
          isMulti={isMulti}
          takesOthers={takesOthers}
          {...(props.emptyText === undefined ? {} : { emptyText: props.emptyText })}
          onPick={({ value }) => {
            if (!isMulti) setOpen(false);
            onPick(value);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

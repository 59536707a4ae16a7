import { TextInput } from "@mantine/core";
import { IconCheck, IconSearch, IconSquare, IconSquareCheckFilled } from "@tabler/icons-react";
import { useDeferredValue, useId, useMemo, useRef, useState } from "react";
import type { KeyboardEvent } from "react";
import { matchesSearch } from "../shell/text-search.ts";
import { classesOf } from "../shell/style-sheet.ts";
import { drawnOptions, movedIndex, OPTION_HEIGHT, scrollTopFor } from "./option-window.ts";
import styles from "./OptionPicker.module.css";

const css = classesOf(styles);

export interface PickOption {
  readonly value: string;
  readonly text: string;
  /** Additional text in small type after the option. The search looks in this text too. */
  readonly hint?: string;
}

interface OptionPickerProps {
  /** Name of the list for screen readers. */
  readonly label: string;
  readonly options: readonly PickOption[];
  readonly chosen: ReadonlySet<string>;
  readonly isMulti?: boolean;
  readonly onPick: (option: PickOption) => void;
  /** Whether the user may select the typed text itself if no option matches it. */
  readonly takesOthers?: boolean;
  readonly onSearch?: (text: string) => void;
  /** Text that is shown if the list is empty. */
  readonly emptyText?: string;
}

/**
 * A search field above a list of options. Only the visible options are in the document. Arrow keys move the active
 * option, and Enter selects it.
 */
export function OptionPicker(props: OptionPickerProps) {
  const { label, options, chosen, isMulti = false, onPick, takesOthers = false, onSearch } = props;
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [text, setText] = useState("");
  const [activeIndex, setActiveIndex] = useState(() =>
    Math.max(0, isMulti ? 0 : options.findIndex(({ value }) => chosen.has(value))),
  );
  const [scrollTop, setScrollTop] = useState(0);
  const search = useDeferredValue(text);
  const shown = useMemo(() => found(options, search, takesOthers), [options, search, takesOthers]);
  const active = Math.min(activeIndex, shown.length - 1);
  const { from, to } = drawnOptions(scrollTop, shown.length);

  const moveTo = (next: number): void => {
    setActiveIndex(next);
    if (list.current === null) return;
    list.current.scrollTop = scrollTopFor(next, list.current.scrollTop);
    setScrollTop(list.current.scrollTop);
  };
  const press = (event: KeyboardEvent): void => {
    const next = movedIndex(event.key, active, shown.length);
    // While the user types fast, the list may show results of an older search text. So Enter searches again with the
    // current text.
    const option = search === text ? shown[active] : found(options, text, takesOthers)[0];
    if (next !== undefined) moveTo(next);
    else if (event.key === "Enter" && option !== undefined) onPick(option);
    else return;
    event.preventDefault();
  };
  const type = (typed: string): void => {
    setText(typed);
    moveTo(0);
    onSearch?.(typed);
  };
  return (
    <div>
      <TextInput
        className={css("search")}
        size="xs"
        data-autofocus
        role="combobox"
        aria-label={`Search: ${label}`}
        aria-expanded
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={active >= from && active < to ? `${id}-${active}` : undefined}
        placeholder="Search"
        leftSection={<IconSearch size={14} />}
        value={text}
        onChange={({ currentTarget }) => type(currentTarget.value)}
        onKeyDown={press}
      />
      <div
        ref={list}
        id={`${id}-list`}
        className={css("list")}
        role="listbox"
        aria-label={label}
        aria-multiselectable={isMulti}
        tabIndex={-1}
        onScroll={({ currentTarget }) => setScrollTop(currentTarget.scrollTop)}
      >
        {shown.length === 0 && <div className={css("none")}>{props.emptyText ?? "No match."}</div>}
        <div className={css("space")} role="presentation" style={{ height: shown.length * OPTION_HEIGHT }}>
          {shown.slice(from, to).map((option, at) => (
            <div
              key={option.value}
              id={`${id}-${from + at}`}
              className={css("option")}
              role="option"
              tabIndex={-1}
              aria-selected={chosen.has(option.value)}
              aria-setsize={shown.length}
              aria-posinset={from + at + 1}
              data-active={from + at === active || undefined}
              title={option.text}
              style={{ top: (from + at) * OPTION_HEIGHT }}
              // Prevents the default action of the mouse, so that the focus stays in the search field.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => onPick(option)}
              onKeyDown={press}
            >
              <Mark isMulti={isMulti} isChosen={chosen.has(option.value)} />
              <span className={css("text")}>{option.text === "" ? "(empty)" : option.text}</span>
              {option.hint !== undefined && <span className={css("hint")}>{option.hint}</span>}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

function Mark({ isMulti, isChosen }: { isMulti: boolean; isChosen: boolean }) {
  const Sign = isMulti ? (isChosen ? IconSquareCheckFilled : IconSquare) : IconCheck;
  return <span className={css("mark")}>{(isMulti || isChosen) && <Sign size={16} aria-hidden />}</span>;
}

/**
 * Returns the options that contain every word of a search text. If the typed text itself may be selected, it is one of
 * the options.
 */
function found(options: readonly PickOption[], search: string, takesOthers: boolean): readonly PickOption[] {
  const typed = search.trim();
  if (typed === "") return options;
  const fitting = options.filter(({ text, hint = "" }) => matchesSearch(`${text} ${hint}`.toLowerCase(), typed));
  if (!takesOthers || options.some(({ text, value }) => text === typed || value === typed)) return fitting;
  return [...fitting, { value: typed, text: typed, hint: "as typed" }];
}

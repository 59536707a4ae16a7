import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback, useWindowEvent } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useRef } from "react";
import { useDraft } from "./use-draft.ts";
import { classesOf } from "./style-sheet.ts";
import styles from "./SearchInput.module.css";

const css = classesOf(styles);

/** Before the element itself hears of it. */
const IN_CAPTURE = { capture: true };

/** A filter by text that reports after a short pause in typing. */
export function SearchInput({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const [text, setText] = useDraft(value);
  const isHeld = useRef(false);
  const kept = useRef<string>(undefined);
  const report = useDebouncedCallback((changed: string) => {
    if (isHeld.current) kept.current = changed;
    else onChange(changed);
  }, 120);
  const tell = (): void => {
    const changed = kept.current;
    kept.current = undefined;
    isHeld.current = false;
    if (changed === undefined) report.flush();
    else onChange(changed);
  };
  // Whoever goes back or forward has left the page that the text is for, though it may be drawn a little longer.
  useWindowEvent("popstate", () => report.cancel());
  // A click on a link takes the focus first. The text is told before the page changes, but not while the button is held: what
  // lies below the pointer would move away, and the click with it.
  useWindowEvent("pointerdown", () => void (isHeld.current = true), IN_CAPTURE);
  useWindowEvent("click", tell, IN_CAPTURE);
  // Where no click follows, as behind a drag, the text is told a little later.
  const release = (): void => {
    isHeld.current = false;
    if (kept.current !== undefined) report(kept.current);
    kept.current = undefined;
  };
  useWindowEvent("pointerup", release, IN_CAPTURE);
  useWindowEvent("pointercancel", release, IN_CAPTURE);
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      size="sm"
      className={css("input")}
      leftSection={<IconSearch size={16} />}
      value={text}
      onBlur={() => {
        if (!isHeld.current) report.flush();
      }}
      onChange={(event) => {
        setText(event.currentTarget.value);
        report(event.currentTarget.value);
      }}
      rightSection={
        text !== "" && (
          <CloseButton
            size="sm"
            aria-label="Clear the search"
            onClick={() => {
              setText("");
              onChange("");
            }}
          />
        )
      }
    />
  );
}

import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback, useWindowEvent } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useRef } from "react";
import { useDraft } from "./use-draft.ts";
import { classesOf } from "./style-sheet.ts";
import styles from "./SearchInput.module.css";

const css = classesOf(styles);

/** Registers listeners for the capture phase, so that they run before the listeners of the target element. */
const IN_CAPTURE = { capture: true };

/** A search field that reports its text when the user has stopped typing for a short time. */
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
  const reportNow = (): void => {
    const changed = kept.current;
    kept.current = undefined;
    isHeld.current = false;
    if (changed === undefined) report.flush();
    else onChange(changed);
  };
  // Discards the pending text after Back or Forward, because the user has already left the filtered page.
  useWindowEvent("popstate", () => report.cancel());
  // Reports the text before a click on a link changes the page. While the pointer button is pressed, nothing is
  // reported, because the list would move and the click would miss.
  useWindowEvent("pointerdown", () => void (isHeld.current = true), IN_CAPTURE);
  useWindowEvent("click", reportNow, IN_CAPTURE);
  // Reports the text a little later if no click follows, for example after a drag.
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

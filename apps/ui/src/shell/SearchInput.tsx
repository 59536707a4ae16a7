import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback, useWindowEvent } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useDraft } from "./use-draft.ts";
import { classesOf } from "./style-sheet.ts";
import styles from "./SearchInput.module.css";

const css = classesOf(styles);

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
  const report = useDebouncedCallback(onChange, 120);
  // Whoever goes back or forward has left the page that the text is for, though it may be drawn a little longer.
  useWindowEvent("popstate", () => report.cancel());
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      size="sm"
      className={css("input")}
      leftSection={<IconSearch size={16} />}
      value={text}
      // A click on a link takes the focus first: then the text is told before the page changes.
      onBlur={() => report.flush()}
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

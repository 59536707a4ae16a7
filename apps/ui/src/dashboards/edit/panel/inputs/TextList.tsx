import { IconPlus, IconX } from "@tabler/icons-react";
import { DraftText } from "./DraftText.tsx";
import { Tool } from "./Tool.tsx";
import { classesOf } from "../../../../shell/style-sheet.ts";
import { TextButton } from "../../../../shell/TextButton.tsx";
import styles from "./TextList.module.css";

const css = classesOf(styles);

/** A list of text fields, each with a button to remove it. */
export function TextList({
  label,
  value,
  list,
  onChange,
}: {
  label: string;
  value: readonly string[];
  /** Id of a datalist with suggestions. */
  list?: string;
  onChange: (texts: readonly string[]) => void;
}) {
  return (
    <div className={css("texts")}>
      {value.map((text, at) => (
        // The index is the React key, because the texts have no id.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={at} className={css("row")}>
          <DraftText
            label={`${label} ${at + 1}`}
            value={text}
            onCommit={(next) => onChange(value.with(at, next))}
            {...(list === undefined ? {} : { list })}
          />
          <Tool
            label={`Remove ${text === "" ? `${label} ${at + 1}` : text}`}
            onClick={() => onChange(value.toSpliced(at, 1))}
          >
            <IconX size={14} />
          </Tool>
        </div>
      ))}
      <TextButton onClick={() => onChange([...value, ""])}>
        <IconPlus size={12} aria-hidden /> Add
      </TextButton>
    </div>
  );
}

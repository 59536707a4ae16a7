import { IconPlus, IconX } from "@tabler/icons-react";
import { DraftText } from "./DraftText.tsx";
import { Tool } from "./Tool.tsx";
import { classesOf } from "../../../../shell/style-sheet.ts";
import { TextButton } from "../../../../shell/TextButton.tsx";
import styles from "./TextList.module.css";

const css = classesOf(styles);

/** Texts one below the other, each to be changed or taken away. */
export function TextList({
  label,
  value,
  list,
  onChange,
}: {
  label: string;
  value: readonly string[];
  /** What they are chosen from. */
  list?: string;
  onChange: (texts: readonly string[]) => void;
}) {
  return (
    <div className={css("texts")}>
      {value.map((text, at) => (
        // Texts have no name but their place.
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

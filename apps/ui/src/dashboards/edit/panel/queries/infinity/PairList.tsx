import { IconPlus, IconX } from "@tabler/icons-react";
import type { JsonObject } from "@narthex/dashboards";
import { DraftText } from "../../inputs/DraftText.tsx";
import { Tool } from "../../inputs/Tool.tsx";
import { textOf } from "../../panel-edit.ts";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import { TextButton } from "../../../../../shell/TextButton.tsx";
import styles from "./RowList.module.css";

const css = classesOf(styles);

/** Names and values that a request contains, such as its parameters. */
export function PairList({
  noun,
  pairs,
  onChange,
}: {
  /** The word for a pair, such as "parameter". */
  noun: string;
  pairs: readonly JsonObject[];
  onChange: (pairs: readonly JsonObject[]) => void;
}) {
  return (
    <div className={css("rows")}>
      {pairs.map((pair, at) => (
        // Pairs have no key other than their position.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={at} className={css("row")}>
          {(["key", "value"] as const).map((part) => (
            <DraftText
              key={part}
              label={`${part === "key" ? "Name" : "Value"} of ${noun} ${at + 1}`}
              placeholder={part === "key" ? "name" : "value"}
              value={textOf(pair, part)}
              onCommit={(text) => onChange(pairs.with(at, { ...pair, [part]: text }))}
            />
          ))}
          <Tool label={`Remove ${noun} ${at + 1}`} onClick={() => onChange(pairs.toSpliced(at, 1))}>
            <IconX size={14} />
          </Tool>
        </div>
      ))}
      <TextButton onClick={() => onChange([...pairs, { key: "", value: "" }])}>
        <IconPlus size={12} aria-hidden /> Add {noun}
      </TextButton>
    </div>
  );
}

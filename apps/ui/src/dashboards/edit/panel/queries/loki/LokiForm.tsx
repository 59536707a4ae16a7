import { Choice } from "../../inputs/Choice.tsx";
import { DraftNumber } from "../../inputs/DraftNumber.tsx";
import { DraftText } from "../../inputs/DraftText.tsx";
import { SettingRow } from "../../options/SettingRow.tsx";
import { textOf } from "../../panel-edit.ts";
import type { QueryFormProps } from "../query-form.ts";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import { OptionalText } from "../OptionalText.tsx";
import styles from "../QueryForm.module.css";

const css = classesOf(styles);

const types = [
  { value: "range", label: "Range" },
  { value: "instant", label: "Instant" },
];
const directions = [
  { value: "backward", label: "Newest" },
  { value: "forward", label: "Oldest" },
];
/** Largest number of lines that the data source returns. */
const MAX_LINES = 5000;

/** The inputs for a query in LogQL. */
export default function LokiForm({ query, onEdit }: QueryFormProps) {
  const set = (key: string, value: unknown): void => onEdit([{ path: [key], value }]);
  const lines = query["maxLines"];
  return (
    <div className={css("form")}>
      <DraftText
        label="LogQL"
        placeholder='{job="api"} |= "error"'
        rows={3}
        value={textOf(query, "expr")}
        onCommit={(text) => set("expr", text)}
      />
      <div className={css("options")}>
        <SettingRow name="Type" description="Over the range, or only at its end">
          <Choice
            label="Type"
            choices={types}
            value={textOf(query, "queryType") === "instant" ? "instant" : "range"}
            onChange={(next) => set("queryType", next)}
          />
        </SettingRow>
        <SettingRow name="Lines" description={`At most ${MAX_LINES}`}>
          <DraftNumber
            label="Lines"
            placeholder="1000"
            value={typeof lines === "number" ? lines : undefined}
            min={1}
            max={MAX_LINES}
            onCommit={(count) => set("maxLines", count)}
          />
        </SettingRow>
        <SettingRow name="If there are more" description="Which lines are returned">
          <Choice
            label="If there are more"
            choices={directions}
            value={textOf(query, "direction") === "forward" ? "forward" : "backward"}
            onChange={(next) => set("direction", next)}
          />
        </SettingRow>
        <OptionalText
          label="Legend"
          description="{{label}} is replaced by the label's value"
          placeholder="all labels"
          name="legendFormat"
          {...{ query, set }}
        />
        <OptionalText
          label="Step"
          description="Of metric queries: 1m, $__interval"
          placeholder="auto"
          name="step"
          {...{ query, set }}
        />
      </div>
    </div>
  );
}

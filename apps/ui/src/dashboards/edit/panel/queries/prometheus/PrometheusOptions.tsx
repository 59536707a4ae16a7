import { Switch } from "@mantine/core";
import type { Edit, JsonObject } from "@narthex/dashboards";
import { Choice } from "../../inputs/Choice.tsx";
import { DraftText } from "../../inputs/DraftText.tsx";
import { SettingRow } from "../../options/SettingRow.tsx";
import { textOf } from "../../panel-edit.ts";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import styles from "./PrometheusOptions.module.css";

const css = classesOf(styles);

const AUTO = "__auto";

const legends = [
  { value: "auto", label: "Auto" },
  { value: "verbose", label: "Verbose" },
  { value: "custom", label: "Custom" },
];
const formats = [
  { value: "time_series", label: "Time series" },
  { value: "table", label: "Table" },
  { value: "heatmap", label: "Heatmap" },
];
const types = [
  { value: "range", label: "Range" },
  { value: "instant", label: "Instant" },
  { value: "both", label: "Both" },
];

/** The options of a Prometheus query: legend, format and resolution. */
export function PrometheusOptions({ query, onEdit }: { query: JsonObject; onEdit: (edits: readonly Edit[]) => void }) {
  const set = (key: string, value: unknown): void => onEdit([{ path: [key], value }]);
  const legend = textOf(query, "legendFormat");
  const legendMode = legend === AUTO ? "auto" : legend === "" ? "verbose" : "custom";
  const isInstant = query["instant"] === true;
  const type = isInstant ? (query["range"] === true ? "both" : "instant") : "range";
  return (
    <div className={css("options")}>
      <SettingRow name="Legend" description="{{label}} is replaced by the label's value">
        <Choice
          label="Legend"
          choices={legends}
          value={legendMode}
          onChange={(mode) => set("legendFormat", mode === "auto" ? AUTO : mode === "verbose" ? "" : "{{instance}}")}
        />
        {legendMode === "custom" && (
          <DraftText label="Legend format" value={legend} onCommit={(text) => set("legendFormat", text)} />
        )}
      </SettingRow>
      <SettingRow name="Min step" description="Minimum step: 15s, $__rate_interval">
        <DraftText
          label="Min step"
          placeholder="auto"
          value={textOf(query, "interval")}
          onCommit={(text) => set("interval", text === "" ? undefined : text)}
        />
      </SettingRow>
      <SettingRow name="Format" description="Form of the result: series or rows">
        <Choice
          label="Format"
          choices={formats}
          value={textOf(query, "format") || "time_series"}
          onChange={(format) => set("format", format)}
        />
      </SettingRow>
      <SettingRow name="Type" description="Over the range, or only at its end">
        <Choice
          label="Type"
          choices={types}
          value={type}
          onChange={(next) =>
            onEdit([
              { path: ["range"], value: next !== "instant" },
              { path: ["instant"], value: next !== "range" },
            ])
          }
        />
      </SettingRow>
      <SettingRow name="Exemplars" description="Shows links to traces next to the series">
        <Switch
          size="sm"
          aria-label="Exemplars"
          checked={query["exemplar"] === true}
          onChange={({ currentTarget }) => set("exemplar", currentTarget.checked)}
        />
      </SettingRow>
    </div>
  );
}

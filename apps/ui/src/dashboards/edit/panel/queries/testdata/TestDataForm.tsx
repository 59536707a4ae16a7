import { valueAtPath } from "@narthex/dashboards";
import type { Option } from "../../../../contracts/option-table.ts";
import { choice, number, text } from "../../../../contracts/option-table.ts";
import { OptionInput } from "../../inputs/OptionInput.tsx";
import { readOption } from "../../inputs/SettingInput.tsx";
import { SettingRow } from "../../options/SettingRow.tsx";
import { textOf } from "../../panel-edit.ts";
import type { QueryFormProps } from "../query-form.ts";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import styles from "./TestDataForm.module.css";

const css = classesOf(styles);

const scenario = choice(
  "scenarioId",
  "Scenario",
  {
    random_walk: "Random Walk",
    random_walk_table: "Random Walk Table",
    csv_content: "CSV Content",
    csv_metric_values: "CSV Metric Values",
    predictable_pulse: "Predictable Pulse",
    predictable_csv_wave: "Predictable CSV Wave",
    raw_frame: "Raw Frames",
    annotations: "Annotations",
    logs: "Logs",
    slow_query: "Slow Query",
    no_data_points: "No Data Points",
    server_error_500: "Server Error (500)",
  },
  "random_walk",
);

const labels = text("labels", "Labels", "", { description: "key=value, key2=value2; $seriesIndex is replaced" });
const walk: readonly Option[] = [
  number("seriesCount", "Series count", 1, { min: 1, integer: true }),
  text("alias", "Alias"),
  labels,
  number("startValue", "Start value", undefined),
  number("min", "Min", undefined),
  number("max", "Max", undefined),
  number("spread", "Spread", 1),
  number("noise", "Noise", 0),
];
const lines = number("lines", "Lines", 10, { min: 1, integer: true });

const fields: Readonly<Record<string, readonly Option[]>> = {
  random_walk: walk,
  random_walk_table: walk.slice(3),
  csv_content: [text("csvContent", "CSV content", "", { input: "area" })],
  csv_metric_values: [text("stringInput", "Values", "1,20,90,30,5,0"), text("alias", "Alias"), labels],
  predictable_pulse: [
    number("pulseWave.timeStep", "Step", 60, { description: "Seconds", min: 1 }),
    number("pulseWave.onCount", "On count", 3, { min: 0, integer: true }),
    number("pulseWave.offCount", "Off count", 3, { min: 0, integer: true }),
    number("pulseWave.onValue", "On value", 2),
    number("pulseWave.offValue", "Off value", 1),
  ],
  predictable_csv_wave: [],
  raw_frame: [text("rawFrameContent", "Frames as JSON", "", { input: "area" })],
  slow_query: [text("stringInput", "Delay", "5s"), ...walk.slice(0, 3)],
  annotations: [lines],
  logs: [lines],
};

export default function TestDataForm({ query, onEdit }: QueryFormProps) {
  const id = textOf(query, "scenarioId") || "random_walk";
  const own = Object.hasOwn(fields, id) ? fields[id]! : [];
  return (
    <div className={css("form")}>
      {[scenario, ...own].map((option) => {
        const path = option.path.split(".");
        return (
          <SettingRow key={option.path} name={option.name} description={option.description}>
            <OptionInput
              option={option}
              value={readOption(option, valueAtPath(query, path))}
              onChange={(value) => onEdit([{ path, value }])}
            />
          </SettingRow>
        );
      })}
    </div>
  );
}

import { Text } from "@mantine/core";
import { type JsonObject, valueAtPath } from "@narthex/dashboards";
import { Choice } from "../../inputs/Choice.tsx";
import { DraftNumber } from "../../inputs/DraftNumber.tsx";
import { DraftText } from "../../inputs/DraftText.tsx";
import { SettingRow } from "../../options/SettingRow.tsx";
import { isJsonObject, listAtPath, textOf } from "../../panel-edit.ts";
import type { QueryFormProps } from "../query-form.ts";
import { ClassicConditions } from "./ClassicConditions.tsx";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import { whenLoaded } from "../../../../../shell/when-loaded.tsx";
import styles from "./ExpressionForm.module.css";

const css = classesOf(styles);

const options = (table: Readonly<Record<string, string>>) =>
  Object.entries(table).map(([value, label]) => ({ value, label }));

const TYPES = { math: "Math", reduce: "Reduce", resample: "Resample", threshold: "Threshold", sql: "SQL" };
const types = options(TYPES);
/** All types, with the one that Grafana no longer offers in panels. Only a query of this type shows it. */
const allTypes = options({ ...TYPES, classic_conditions: "Classic conditions" });
const reducers = options({
  last: "Last",
  mean: "Mean",
  median: "Median",
  min: "Min",
  max: "Max",
  sum: "Sum",
  count: "Count",
});
const modes = options({ "": "Strict", dropNN: "Drop non-numeric values", replaceNN: "Replace non-numeric values" });
const downsamplers = options({ last: "Last", min: "Min", max: "Max", mean: "Mean", sum: "Sum" });
const upsamplers = options({ pad: "Pad: the value before", backfilling: "Backfilling: the next value", fillna: "NaN" });
const evaluators = options({
  gt: "Is above",
  lt: "Is below",
  eq: "Is equal to",
  ne: "Is not equal to",
  gte: "Is above or equal to",
  lte: "Is below or equal to",
  within_range: "Is within range",
  outside_range: "Is outside range",
  within_range_included: "Is within range, ends included",
  outside_range_included: "Is outside range, ends included",
});

/** Types of expressions that use one query. */
const WITH_INPUT: ReadonlySet<string> = new Set(["reduce", "resample", "threshold"]);

// Only SQL expressions load the editor of code.
const SqlExpressionFields = whenLoaded(() => import("./SqlExpressionFields.tsx"));

/** The form of an expression, which is computed from the results of the panel's other queries. */
export default function ExpressionForm(props: QueryFormProps) {
  const { query, onEdit } = props;
  const type = textOf(query, "type") || "math";
  return (
    <div className={css("form")}>
      <SettingRow name="Operation">
        <Choice
          label="Operation"
          choices={type === "classic_conditions" ? allTypes : types}
          value={type}
          onChange={(next) => onEdit([{ path: ["type"], value: next }])}
        />
      </SettingRow>
      {type === "math" && <MathFields {...props} />}
      {type === "sql" && (
        <div className={css("wide")}>
          <SqlExpressionFields {...props} />
        </div>
      )}
      {type === "classic_conditions" && <ClassicConditions {...props} />}
      {WITH_INPUT.has(type) && <Input {...props} />}
      {type === "reduce" && <ReduceFields {...props} />}
      {type === "resample" && <ResampleFields {...props} />}
      {type === "threshold" && <ThresholdFields {...props} />}
    </div>
  );
}

function MathFields({ query, others, onEdit }: QueryFormProps) {
  return (
    <div className={css("wide")}>
      <SettingRow name="Expression">
        <DraftText
          label="Expression"
          placeholder={others.length === 0 ? "$A * 100" : `$${others[0]} * 100`}
          rows={2}
          value={textOf(query, "expression")}
          onCommit={(text) => onEdit([{ path: ["expression"], value: text }])}
        />
      </SettingRow>
      <Text size="xs" c="dimmed">
        Other queries by their names:{" "}
        {others.length === 0 ? "there are none yet" : others.map((one) => `$${one}`).join(", ")}. Operators + - * / % **
        == != &lt; &gt; && || !, functions abs, round, ceil, floor, log, is_nan, is_inf, is_null.
      </Text>
    </div>
  );
}

function Input({ query, others, onEdit }: QueryFormProps) {
  const value = textOf(query, "expression").replace(/^\$/, "");
  return (
    <SettingRow name="Input" description="The query whose results are used">
      <Choice
        label="Input"
        choices={others.map((refId) => ({ value: refId, label: refId }))}
        value={value}
        onChange={(refId) => onEdit([{ path: ["expression"], value: refId }])}
      />
    </SettingRow>
  );
}

function ReduceFields({ query, onEdit }: QueryFormProps) {
  const settings = query["settings"];
  const mode = isJsonObject(settings) ? textOf(settings, "mode") : "";
  const replacement = valueAtPath(settings, ["replaceWithValue"]);
  return (
    <>
      <SettingRow name="Function">
        <Choice
          label="Function"
          choices={reducers}
          value={textOf(query, "reducer") || "mean"}
          onChange={(reducer) => onEdit([{ path: ["reducer"], value: reducer }])}
        />
      </SettingRow>
      <SettingRow name="Mode" description="What to do with values that are not numbers">
        <Choice
          label="Mode"
          choices={modes}
          value={mode}
          onChange={(next) => onEdit([{ path: ["settings", "mode"], value: next }])}
        />
      </SettingRow>
      {mode === "replaceNN" && (
        <SettingRow name="Replace with">
          <DraftNumber
            label="Replace with"
            value={typeof replacement === "number" ? replacement : 0}
            onCommit={(value) => onEdit([{ path: ["settings", "replaceWithValue"], value: value ?? 0 }])}
          />
        </SettingRow>
      )}
    </>
  );
}

function ResampleFields({ query, onEdit }: QueryFormProps) {
  return (
    <>
      <SettingRow name="Resample to" description="Time between two values: 10s, 1m">
        <DraftText
          label="Resample to"
          placeholder="1m"
          value={textOf(query, "window")}
          onCommit={(text) => onEdit([{ path: ["window"], value: text }])}
        />
      </SettingRow>
      <SettingRow name="Downsample">
        <Choice
          label="Downsample"
          choices={downsamplers}
          value={textOf(query, "downsampler") || "mean"}
          onChange={(value) => onEdit([{ path: ["downsampler"], value }])}
        />
      </SettingRow>
      <SettingRow name="Upsample">
        <Choice
          label="Upsample"
          choices={upsamplers}
          value={textOf(query, "upsampler") || "fillna"}
          onChange={(value) => onEdit([{ path: ["upsampler"], value }])}
        />
      </SettingRow>
    </>
  );
}

function ThresholdFields({ query, onEdit }: QueryFormProps) {
  const condition = listAtPath(query, ["conditions"])[0];
  const evaluator = valueAtPath(condition, ["evaluator"]);
  const known: JsonObject = isJsonObject(evaluator) ? evaluator : { type: "gt", params: [0] };
  const type = textOf(known, "type") || "gt";
  const params = listAtPath(known, ["params"]).map(Number);
  const isRange = type.includes("range");
  const set = (change: JsonObject): void =>
    onEdit([
      {
        path: ["conditions"],
        value: [{ ...(isJsonObject(condition) ? condition : {}), evaluator: { ...known, ...change } }],
      },
    ]);
  return (
    <>
      <SettingRow name="Condition">
        <Choice label="Condition" choices={evaluators} value={type} onChange={(next) => set({ type: next })} />
      </SettingRow>
      {(isRange ? ["From", "To"] : ["Value"]).map((name, at) => (
        <SettingRow key={name} name={name}>
          <DraftNumber
            label={name}
            value={params[at] ?? 0}
            onCommit={(value) =>
              set({ params: (isRange ? [params[0] ?? 0, params[1] ?? 0] : [params[0] ?? 0]).with(at, value ?? 0) })
            }
          />
        </SettingRow>
      ))}
    </>
  );
}

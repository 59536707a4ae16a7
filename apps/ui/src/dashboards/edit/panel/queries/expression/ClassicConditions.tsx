import { type JsonObject, valueAtPath } from "@narthex/dashboards";
import { IconPlus, IconX } from "@tabler/icons-react";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import { TextButton } from "../../../../../shell/TextButton.tsx";
import { Choice } from "../../inputs/Choice.tsx";
import { DraftNumber } from "../../inputs/DraftNumber.tsx";
import { Tool } from "../../inputs/Tool.tsx";
import { isJsonObject, listAtPath, textOf } from "../../panel-edit.ts";
import type { QueryFormProps } from "../query-form.ts";
import styles from "./ClassicConditions.module.css";

const css = classesOf(styles);

const options = (table: Readonly<Record<string, string>>) =>
  Object.entries(table).map(([value, label]) => ({ value, label }));

const operators = options({ and: "And", or: "Or" });
const reducers = options({
  avg: "Average",
  min: "Min",
  max: "Max",
  sum: "Sum",
  count: "Count",
  last: "Last",
  median: "Median",
  diff: "Last − first",
  diff_abs: "Size of last − first",
  percent_diff: "Change in percent",
  percent_diff_abs: "Size of change in percent",
  count_non_null: "Count of numbers",
});
const evaluators = options({
  gt: "Is above",
  lt: "Is below",
  ge: "Is above or equal to",
  le: "Is below or equal to",
  eq: "Is equal to",
  ne: "Is not equal to",
  within_range: "Is within range",
  outside_range: "Is outside range",
  within_range_included: "Is within range, ends included",
  outside_range_included: "Is outside range, ends included",
  no_value: "Has no value",
});

/** Returns the names of the numbers that an evaluator compares with. */
const paramNames = (evaluator: string): readonly string[] =>
  evaluator === "no_value" ? [] : evaluator.includes("range") ? ["From", "To"] : ["Value"];

/** The list of classic conditions. The result is 1 if they hold, from the first to the last, otherwise 0. */
export function ClassicConditions({ query, others, onEdit }: QueryFormProps) {
  const conditions = listAtPath(query, ["conditions"]).filter(isJsonObject);
  const set = (value: readonly JsonObject[]): void => onEdit([{ path: ["conditions"], value: [...value] }]);
  const added: JsonObject = {
    type: "query",
    query: { params: others.slice(0, 1) },
    reducer: { type: "last", params: [] },
    evaluator: { type: "gt", params: [0] },
    operator: { type: "and" },
  };
  return (
    <div className={css("list")}>
      {conditions.map((condition, at) => (
        <ConditionRow
          key={at}
          position={at + 1}
          condition={condition}
          others={others}
          onChange={(next) => set(conditions.with(at, next))}
          onRemove={() => set(conditions.toSpliced(at, 1))}
        />
      ))}
      <TextButton onClick={() => set([...conditions, added])}>
        <IconPlus size={12} aria-hidden /> Add condition
      </TextButton>
    </div>
  );
}

interface ConditionRowProps {
  /** Position in the list, from 1. */
  readonly position: number;
  readonly condition: JsonObject;
  readonly others: readonly string[];
  readonly onChange: (condition: JsonObject) => void;
  readonly onRemove: () => void;
}

function ConditionRow({ position, condition, others, onChange, onRemove }: ConditionRowProps) {
  const part = (name: string): JsonObject => {
    const value = valueAtPath(condition, [name]);
    return isJsonObject(value) ? value : {};
  };
  const change = (name: string, more: JsonObject): void =>
    onChange({ ...condition, [name]: { ...part(name), ...more } });
  const evaluator = textOf(part("evaluator"), "type") || "gt";
  const params = listAtPath(part("evaluator"), ["params"]).map((param) => Number(param) || 0);
  const names = paramNames(evaluator);
  const paramsFor = (wanted: readonly string[]): number[] => wanted.map((_, at) => params[at] ?? 0);
  const labelled = (name: string): string => `${name} of condition ${position}`;
  const refId = listAtPath(part("query"), ["params"])[0];
  return (
    <div className={css("condition")} role="group" aria-label={`Condition ${position}`}>
      {position > 1 && (
        <Choice
          label={labelled("Operator")}
          choices={operators}
          value={textOf(part("operator"), "type") || "and"}
          onChange={(type) => change("operator", { type })}
        />
      )}
      <Choice
        label={labelled("Function")}
        choices={reducers}
        value={textOf(part("reducer"), "type")}
        onChange={(type) => change("reducer", { type })}
      />
      <Choice
        label={labelled("Query")}
        choices={others.map((one) => ({ value: one, label: `of ${one}` }))}
        value={typeof refId === "string" ? refId : ""}
        onChange={(chosen) => change("query", { params: [chosen] })}
      />
      <Choice
        label={labelled("Comparison")}
        choices={evaluators}
        value={evaluator}
        onChange={(type) => change("evaluator", { type, params: paramsFor(paramNames(type)) })}
      />
      {names.map((name, at) => (
        <DraftNumber
          key={name}
          label={labelled(name)}
          className={css("number")}
          value={params[at] ?? 0}
          onCommit={(value) => change("evaluator", { type: evaluator, params: paramsFor(names).with(at, value ?? 0) })}
        />
      ))}
      <Tool label={`Remove condition ${position}`} onClick={onRemove}>
        <IconX size={12} />
      </Tool>
    </div>
  );
}

import type { JsonObject } from "@narthex/dashboards";
import { Choice } from "../inputs/Choice.tsx";
import { DraftJson } from "../inputs/DraftJson.tsx";
import { DraftText } from "../inputs/DraftText.tsx";
import { FieldPick } from "../inputs/FieldPick.tsx";
import { ReducerPick } from "../inputs/Reducers.tsx";
import { usePanelEditing } from "../panel-edit-context.ts";
import { isJsonObject, textOf } from "../panel-edit.ts";
import { SettingRow } from "./SettingRow.tsx";

interface MatcherKind {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly initial: unknown;
}

/** The ways in which an override can select fields, for example by name or by type. */
export const matcherKinds: readonly MatcherKind[] = [
  { id: "byName", name: "Fields with name", description: "Set properties for a specific field", initial: "" },
  {
    id: "byRegexp",
    name: "Fields with name matching regex",
    description: "Set properties for fields whose name matches an expression",
    initial: "",
  },
  {
    id: "byType",
    name: "Fields with type",
    description: "Set properties for fields of a type: number, string, boolean",
    initial: "number",
  },
  {
    id: "byFrameRefID",
    name: "Fields returned by query",
    description: "Set properties for fields from a specific query",
    initial: "A",
  },
  {
    id: "byValue",
    name: "Fields with values",
    description: "Set properties for fields by a calculation of their values",
    initial: { reducer: "allIsZero", op: ">=", value: 0 },
  },
];

const types = ["number", "string", "boolean", "time", "other"].map((type) => ({ value: type, label: type }));
const operators = ["==", "!=", ">", ">=", "<", "<="].map((op) => ({ value: op, label: op }));

export function MatcherField({ matcher, onChange }: { matcher: JsonObject; onChange: (matcher: JsonObject) => void }) {
  const kind = matcherKinds.find(({ id }) => id === matcher["id"]);
  return (
    <SettingRow name={kind?.name ?? `Fields by ${textOf(matcher, "id")}`}>
      <MatcherOptions matcher={matcher} onChange={(options) => onChange({ ...matcher, options })} />
    </SettingRow>
  );
}

function MatcherOptions({ matcher, onChange }: { matcher: JsonObject; onChange: (options: unknown) => void }) {
  const { fieldNames, panel } = usePanelEditing();
  const { id, options } = matcher;
  const text = typeof options === "string" ? options : "";
  switch (id) {
    case "byName":
      return <FieldPick label="Field" value={text} names={fieldNames} onPick={onChange} />;
    case "byRegexp":
      return <DraftText label="Expression" placeholder="/^cpu.*/" value={text} onCommit={onChange} />;
    case "byType":
      return <Choice label="Type" choices={types} value={text} onChange={onChange} />;
    case "byFrameRefID":
      return (
        <Choice
          label="Query"
          choices={panel.targets.map(({ refId }) => ({ value: refId, label: refId }))}
          value={text}
          onChange={onChange}
        />
      );
    case "byValue":
      return <ByValue options={isJsonObject(options) ? options : {}} onChange={onChange} />;
    default:
      return <DraftJson label="Options of the matcher" value={options} rows={3} onCommit={onChange} />;
  }
}

function ByValue({ options, onChange }: { options: JsonObject; onChange: (options: unknown) => void }) {
  const reducer = textOf(options, "reducer");
  const isTest = reducer === "allIsZero" || reducer === "allIsNull";
  return (
    <>
      <ReducerPick label="Calculation" value={reducer} onChange={(next) => onChange({ ...options, reducer: next })} />
      {!isTest && (
        <>
          <Choice
            label="Comparison"
            choices={operators}
            value={textOf(options, "op")}
            onChange={(op) => onChange({ ...options, op })}
          />
          <DraftText
            label="Value"
            value={typeof options["value"] === "number" ? String(options["value"]) : textOf(options, "value")}
            onCommit={(value) => onChange({ ...options, value: Number.isNaN(Number(value)) ? value : Number(value) })}
          />
        </>
      )}
    </>
  );
}

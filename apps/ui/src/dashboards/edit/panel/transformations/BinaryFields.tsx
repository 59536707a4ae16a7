import { type JsonObject, valueAtPath } from "@narthex/dashboards";
import { Choice } from "../inputs/Choice.tsx";
import { FieldPick } from "../inputs/FieldPick.tsx";
import { SettingRow } from "../options/SettingRow.tsx";
import { isJsonObject, textOf } from "../panel-edit.ts";
import { partOf } from "./field-order.ts";
import type { StepFormProps } from "./step-form.ts";

const operators = ["+", "-", "*", "/"].map((sign) => ({ value: sign, label: sign }));

/** Returns the text of an operand: the name of a field, or a number. */
function sideText(side: unknown): string {
  if (typeof side === "string") return side;
  if (!isJsonObject(side)) return "";
  const fixed = side["fixed"];
  if (typeof fixed === "string" || typeof fixed === "number") return String(fixed);
  const options = valueAtPath(side, ["matcher", "options"]);
  return typeof options === "string" ? options : "";
}

/**
 * Converts the typed operand to JSON: a number if the text is numeric and no field has this name, otherwise the name of
 * a field.
 */
const sideOf = (text: string, fieldNames: readonly string[]): JsonObject =>
  !fieldNames.includes(text) && text.trim() !== "" && Number.isFinite(Number(text))
    ? { fixed: text }
    : { matcher: { id: "byName", options: text } };

export function BinaryFields({ options, fieldNames, onEdit }: StepFormProps) {
  if (textOf(options, "mode") !== "binary") return null;
  const binary = partOf(options, "binary");
  const side = (key: "left" | "right") => (
    <FieldPick
      label={key === "left" ? "Left side" : "Right side"}
      value={sideText(binary[key])}
      names={fieldNames}
      hint="Choose a field or type a number"
      onPick={(next) => onEdit([{ path: ["binary", key], value: sideOf(next, fieldNames) }])}
    />
  );
  return (
    <SettingRow name="Operation">
      {side("left")}
      <Choice
        label="Operator"
        choices={operators}
        value={textOf(binary, "operator") || "+"}
        onChange={(operator) => onEdit([{ path: ["binary", "operator"], value: operator }])}
      />
      {side("right")}
    </SettingRow>
  );
}

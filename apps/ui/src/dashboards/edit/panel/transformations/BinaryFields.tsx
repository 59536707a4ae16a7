import { type JsonObject, valueAtPath } from "@narthex/dashboards";
import { Choice } from "../inputs/Choice.tsx";
import { PickButton } from "../inputs/PickButton.tsx";
import { SettingRow } from "../options/SettingRow.tsx";
import { isJsonObject, textOf } from "../panel-edit.ts";
import { partOf } from "./field-order.ts";
import type { StepFormProps } from "./step-form.ts";

const operators = ["+", "-", "*", "/"].map((sign) => ({ value: sign, label: sign }));

/** A side as it is shown: the name of a field, or a number as text. */
function sideText(side: unknown): string {
  if (typeof side === "string") return side;
  if (!isJsonObject(side)) return "";
  const fixed = side["fixed"];
  if (typeof fixed === "string" || typeof fixed === "number") return String(fixed);
  const options = valueAtPath(side, ["matcher", "options"]);
  return typeof options === "string" ? options : "";
}

/** A side of JSON: a number where the text is one and no field has it as its name. */
const sideOf = (text: string, fieldNames: readonly string[]): JsonObject =>
  !fieldNames.includes(text) && text.trim() !== "" && Number.isFinite(Number(text))
    ? { fixed: text }
    : { matcher: { id: "byName", options: text } };

/** Both sides of a calculation of two fields, or of a field and a number. */
export function BinaryFields({ options, fieldNames, onEdit }: StepFormProps) {
  if (textOf(options, "mode") !== "binary") return null;
  const binary = partOf(options, "binary");
  const side = (key: "left" | "right") => {
    const text = sideText(binary[key]);
    return (
      <PickButton
        label={key === "left" ? "Left side" : "Right side"}
        text={text === "" ? "Choose a field or type a number" : text}
        options={fieldNames.map((name) => ({ value: name, text: name }))}
        chosen={new Set([text])}
        takesOthers
        onPick={(next) => onEdit([{ path: ["binary", key], value: sideOf(next, fieldNames) }])}
      />
    );
  };
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

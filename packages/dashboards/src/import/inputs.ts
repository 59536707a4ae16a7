import type { JsonObject } from "../model/field-config.ts";
import { objectsAt, textAt } from "../model/json.ts";

/** An input of an exported dashboard: a value that is requested when the dashboard is imported. */
export interface DashboardInput {
  /** Name of the input. The JSON refers to it as `${NAME}`. */
  readonly name: string;
  readonly type: "datasource" | "constant" | "library-panel";
  readonly label: string;
  readonly description: string;
  /** For a data source: its type, such as `prometheus`. */
  readonly pluginId: string;
  /** For a constant: its value when the dashboard was exported. */
  readonly value: string;
}

/** Reads `__inputs`. Ignores entries without a name; if a name occurs twice, the first entry counts. */
export function inputsOf(json: JsonObject): DashboardInput[] {
  const inputs = new Map<string, DashboardInput>();
  for (const input of objectsAt(json, "__inputs")) {
    const name = textAt(input, "name");
    const type = textAt(input, "type");
    if (name === "" || inputs.has(name)) continue;
    inputs.set(name, {
      name,
      type: type === "constant" || type === "library-panel" ? type : "datasource",
      label: textAt(input, "label"),
      description: textAt(input, "description"),
      pluginId: textAt(input, "pluginId"),
      value: textAt(input, "value"),
    });
  }
  return [...inputs.values()];
}

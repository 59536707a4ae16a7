import type { Variable } from "@narthex/dashboards";
import { type EditorVariable, STEP_VARIABLES } from "../../../query/editor/built-in-variables.ts";

/** Further variables that have a value on each dashboard. */
const DASHBOARD_VARIABLES: readonly EditorVariable[] = [
  { name: "__from", info: "The start of the time range, milliseconds since 1970." },
  { name: "__to", info: "The end of the time range, milliseconds since 1970." },
  { name: "__dashboard", info: "The title of the dashboard." },
  { name: "__user", info: "The id of the user; ${__user.login} is the user name." },
  { name: "__org", info: "The id of the organization." },
  { name: "__timezone", info: "The time zone of the dashboard." },
];

/** Returns the variables that queries of a panel can contain: first those of the dashboard, then the built-in ones. */
export function queryVariables(variables: readonly Variable[]): readonly EditorVariable[] {
  const own = variables
    .filter(({ type }) => type !== "adhoc")
    .map(({ name, label, description, type }): EditorVariable => {
      const info = [label, description].filter((text) => text !== "").join(": ");
      return { name, info: info || "A variable of this dashboard.", isDuration: type === "interval" };
    });
  return [...own, ...STEP_VARIABLES, ...DASHBOARD_VARIABLES];
}

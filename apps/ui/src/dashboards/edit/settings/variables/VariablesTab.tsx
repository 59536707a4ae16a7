import type { JsonObject } from "@narthex/dashboards";
import { useMemo } from "react";
import { useDashboardEdit } from "../../../draft/edit-context.ts";
import { freeName } from "../../list-order.ts";
import { SettingsList } from "../SettingsList.tsx";
import { VariableForm } from "./VariableForm.tsx";
import { usesOf } from "./variable-uses.ts";

const textAt = (item: JsonObject, key: string): string => (typeof item[key] === "string" ? item[key] : "");

function detailOf(item: JsonObject): string {
  const { query } = item;
  const inner = typeof query === "object" && query !== null && "query" in query ? query.query : query;
  return `${textAt(item, "type")} ${typeof inner === "string" ? inner : ""}`;
}

const make = (items: readonly JsonObject[]): JsonObject => ({
  name: freeName(
    "query0",
    items.map(({ name }) => name),
  ),
  type: "query",
  query: "",
  current: {},
  options: [],
  refresh: 1,
});

/** Lists the variables of a dashboard, in the order of their controls. */
export default function VariablesTab() {
  const { dashboard } = useDashboardEdit();
  const unused = useMemo(
    () =>
      new Set(
        dashboard.variables.filter(({ name }) => usesOf(name, dashboard).length === 0).map(({ source }) => source),
      ),
    [dashboard],
  );
  return (
    <SettingsList
      noun="variable"
      path={["templating", "list"]}
      empty="A variable is a value that users select above the panels, for example a job, an instance or a data source."
      make={make}
      copy={(item, items) => ({
        ...item,
        name: freeName(
          `${textAt(item, "name")}1`,
          items.map(({ name }) => name),
        ),
      })}
      nameOf={(item) => textAt(item, "name") || "(no name)"}
      detailOf={(item) => `${detailOf(item)}${unused.has(item) ? " (not used)" : ""}`}
      renderForm={(index, item) => <VariableForm key={index} index={index} item={item} />}
    />
  );
}

import type { JsonObject } from "@narthex/dashboards";
import { IconPlus, IconX } from "@tabler/icons-react";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import { TextButton } from "../../../../../shell/TextButton.tsx";
import { Choice } from "../../inputs/Choice.tsx";
import { DraftText } from "../../inputs/DraftText.tsx";
import { Tool } from "../../inputs/Tool.tsx";
import { entriesAt, textOf } from "../../panel-edit.ts";
import type { QueryFormProps } from "../query-form.ts";
import styles from "./FilterList.module.css";

const css = classesOf(styles);

const choicesOf = (values: readonly string[]) => values.map((value) => ({ value, label: value }));
const scopes = choicesOf(["resource", "span", "intrinsic", "unscoped"]);
const operators = choicesOf(["=", "!=", "=~", "!~", ">", ">=", "<", "<="]);

/** The filters of a search: an attribute, an operator and a value each. */
export function FilterList({
  query,
  tagList,
  onEdit,
}: Pick<QueryFormProps, "query" | "onEdit"> & {
  /** Id of a datalist with the names of attributes. */
  tagList: string;
}) {
  const filters = entriesAt(query, ["filters"]);
  const all = filters.map(({ json }) => json);
  return (
    <div className={css("list")} role="group" aria-label="Filters">
      {filters.map(({ at, json }, index) => {
        const label = `filter ${index + 1}`;
        const set = (key: string, value: unknown): void => onEdit([{ path: ["filters", at, key], value }]);
        return (
          <div key={at} className={css("filter")}>
            <Choice
              label={`Scope of ${label}`}
              choices={scopes}
              value={textOf(json, "scope") || "unscoped"}
              onChange={(scope) => set("scope", scope)}
            />
            <DraftText
              label={`Attribute of ${label}`}
              placeholder="service.name"
              list={tagList}
              value={textOf(json, "tag")}
              onCommit={(tag) => set("tag", tag)}
            />
            <Choice
              label={`Operator of ${label}`}
              choices={operators}
              value={textOf(json, "operator") || "="}
              onChange={(operator) => set("operator", operator)}
            />
            <DraftText
              label={`Value of ${label}`}
              value={valueOf(json)}
              onCommit={(value) => set("value", value === "" ? undefined : value)}
            />
            <Tool
              label={`Remove ${label}`}
              onClick={() => onEdit([{ path: ["filters"], value: all.filter((one) => one !== json) }])}
            >
              <IconX size={14} />
            </Tool>
          </div>
        );
      })}
      <TextButton onClick={() => onEdit([{ path: ["filters"], value: [...all, blank(all)] }])}>
        <IconPlus size={12} aria-hidden /> Add filter
      </TextButton>
    </div>
  );
}

/** Returns a new filter, whose id no other filter has. */
function blank(others: readonly JsonObject[]): JsonObject {
  const taken = new Set(others.map((one) => one["id"]));
  let number = 1;
  while (taken.has(`filter-${number}`)) number++;
  return { id: `filter-${number}`, scope: "resource", tag: "", operator: "=" };
}

/** Returns the value of a filter. Several values of Grafana's editor are alternatives. */
function valueOf(filter: JsonObject): string {
  const { value } = filter;
  if (!Array.isArray(value)) return textOf(filter, "value");
  return value.filter((one) => typeof one === "string").join("|");
}

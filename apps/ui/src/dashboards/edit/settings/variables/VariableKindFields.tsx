import { Group, NumberInput, Select, Stack, Switch, Textarea, TextInput } from "@mantine/core";
import { findSource, hasFeature, parseInterval } from "@narthex/dashboards";
import { useDashboardContext } from "../../../data/dashboard-context.ts";
import { DraftText } from "../../panel/inputs/DraftText.tsx";
import type { JsonFields } from "../json-fields.ts";
import { sourceRefIn, SourceSelect, SourceTypeField } from "../SourceSelect.tsx";
import { storedQueryText } from "./variable-query.ts";
import { VariableQueryField } from "./VariableQueryField.tsx";

export function VariableKindFields({ type, fields }: { type: string; fields: JsonFields }) {
  switch (type) {
    case "query":
      return <QueryFields fields={fields} />;
    case "custom":
      return (
        <Textarea
          label="Values, separated by commas"
          description="A value may have another text: name : value"
          autosize
          minRows={2}
          {...fields.text("query")}
        />
      );
    case "textbox":
      return <TextInput label="Initial text" {...fields.text("query")} />;
    case "constant":
      return <TextInput label="Value" {...fields.text("query")} />;
    case "datasource":
      return (
        <Stack gap="sm">
          <SourceTypeField value={fields.textOf("query")} onChange={(text) => fields.set(["query"], text)} />
          <PatternField fields={fields} label="Names that match" />
        </Stack>
      );
    case "interval":
      return <IntervalFields fields={fields} />;
    case "adhoc":
      return (
        <SourceSelect
          value={fields.valueOf("datasource")}
          fits={({ kind }) => kind.adHocFilters !== undefined}
          onChange={(source) => fields.set(["datasource"], source)}
        />
      );
    case "switch":
      return (
        <Switch
          label="Switched on when the dashboard opens"
          checked={fields.textOf("current", "value") === "true"}
          onChange={({ currentTarget: { checked } }) =>
            fields.set(["current"], { value: String(checked), text: String(checked) })
          }
        />
      );
    default:
      return null;
  }
}

const SORTS = [
  "In the order of the result",
  "A to Z",
  "Z to A",
  "Numbers, ascending",
  "Numbers, descending",
  "A to Z, case-insensitive",
  "Z to A, case-insensitive",
  "Natural, upwards",
  "Natural, downwards",
];

function QueryFields({ fields }: { fields: JsonFields }) {
  const query = fields.valueOf("query");
  const isObject = typeof query === "object" && query !== null;
  const text = isObject ? fields.textOf("query", "query") : fields.textOf("query");
  const { sources, lookupFor } = useDashboardContext();
  const source = findSource(sourceRefIn(fields.valueOf("datasource")), sources, lookupFor());
  const form = source?.kind.variables;
  const write = (next: string): void =>
    fields.setAll([
      isObject
        ? [["query", "query"], next]
        : [["query"], form?.refId === undefined ? next : { query: next, refId: form.refId }],
      [["definition"], next],
    ]);
  return (
    <Stack gap="sm">
      <SourceSelect value={fields.valueOf("datasource")} onChange={(source) => fields.set(["datasource"], source)} />
      {source !== undefined && form?.refId !== undefined && hasFeature(source, "metrics") ? (
        <VariableQueryField
          // The type of the query belongs to the data source.
          key={source.uid}
          uid={source.uid}
          value={storedQueryText(query)}
          help={form.help}
          onCommit={(next) =>
            fields.setAll([
              // Fields of Grafana's form, such as the label, would contradict the text.
              [["query"], { query: next, refId: form.refId }],
              [["definition"], next],
            ])
          }
        />
      ) : (
        <DraftText
          isLabelled
          label="Query"
          {...(form === undefined ? {} : { description: form.help })}
          value={text}
          onCommit={write}
        />
      )}
      <PatternField fields={fields} label="Regular expression that values match" />
      <Group grow align="flex-start">
        <Select
          label="Order"
          allowDeselect={false}
          data={SORTS.map((label, i) => ({ value: String(i), label }))}
          value={fields.textOf("sort") || "0"}
          onChange={(sort) => fields.set(["sort"], Number(sort ?? 0))}
        />
        <Select
          label="Refresh values"
          allowDeselect={false}
          data={[
            { value: "1", label: "When the dashboard opens" },
            { value: "2", label: "When the time range changes" },
          ]}
          value={fields.textOf("refresh") === "2" ? "2" : "1"}
          onChange={(refresh) => fields.set(["refresh"], Number(refresh ?? 1))}
        />
      </Group>
    </Stack>
  );
}

function PatternField({ fields, label }: { fields: JsonFields; label: string }) {
  return (
    <TextInput
      label={label}
      description="A group named value or text selects a part of each result."
      placeholder="/.*/"
      {...fields.text("regex")}
    />
  );
}

function IntervalFields({ fields }: { fields: JsonFields }) {
  const isAuto = fields.valueOf("auto") === true;
  const count = fields.valueOf("auto_count");
  return (
    <Stack gap="sm">
      <TextInput label="Intervals, separated by commas" {...fields.text("query")} />
      <Switch label="Offer an interval that depends on the time range" {...fields.flag("auto")} />
      {isAuto && (
        <Group grow align="flex-start">
          <NumberInput
            label="Steps in the range"
            min={1}
            max={1000}
            allowDecimal={false}
            value={typeof count === "number" ? count : 30}
            onChange={(steps) => {
              if (typeof steps === "number") fields.set(["auto_count"], steps);
            }}
          />
          <DraftText
            isLabelled
            label="Minimum interval"
            value={fields.textOf("auto_min") || "10s"}
            problemOf={(text) => (parseInterval(text) === undefined ? `"${text}" is not a duration.` : undefined)}
            onCommit={(text) => fields.set(["auto_min"], text)}
          />
        </Group>
      )}
    </Stack>
  );
}

import {
  Autocomplete,
  Group,
  MultiSelect,
  NumberInput,
  Select,
  Stack,
  Switch,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { type AnnotationField, findSource, flatPanels, type JsonObject } from "@narthex/dashboards";
import { useDashboardContext } from "../../../data/dashboard-context.ts";
import { useDashboardEdit } from "../../../draft/edit-context.ts";
import { DraftText } from "../../panel/inputs/DraftText.tsx";
import { type JsonFields, useJsonFields } from "../json-fields.ts";
import { sourceRefIn, SourceSelect, sourceTypeOf } from "../SourceSelect.tsx";

/** Maximum number of names in the list of suggestions. The user finds other names by typing. */
const MAX_OFFERED = 100;

const COLORS = ["red", "orange", "yellow", "green", "blue", "purple"];

interface QueryFieldProps {
  readonly input: AnnotationField;
  readonly fields: JsonFields;
}

export function AnnotationForm({ index, item }: { index: number; item: JsonObject }) {
  const name = typeof item["name"] === "string" ? item["name"] : "";
  const fields = useJsonFields(["annotations", "list", index], `annotation ${name}`);
  const isBuiltIn = item["builtIn"] === 1;
  const source = fields.valueOf("datasource");
  const isOfRole = isBuiltIn || sourceTypeOf(source) === "grafana";
  return (
    <Stack gap="md" maw={720}>
      <TextInput label="Name" required {...fields.text("name")} />
      <Group gap="xl">
        <Switch
          label="Switched on when the dashboard opens"
          checked={fields.valueOf("enable") !== false}
          onChange={({ currentTarget }) => fields.set(["enable"], currentTarget.checked)}
        />
        <Switch label="Hide the toggle above the panels" {...fields.flag("hide")} />
      </Group>
      <Autocomplete
        label="Colour"
        description="A colour name, or a hex code such as #5794f2"
        data={COLORS}
        value={fields.textOf("iconColor")}
        onChange={(color) => fields.set(["iconColor"], color)}
      />
      {!isBuiltIn && (
        <SourceSelect
          value={source}
          fits={({ kind }) => kind.annotations !== undefined}
          onChange={(chosen) => fields.set(["datasource"], chosen)}
        />
      )}
      {isOfRole ? <RoleFields fields={fields} /> : <QueryFields fields={fields} />}
      <PanelChoice fields={fields} />
    </Stack>
  );
}

/** Inputs for a query of annotations that are stored on this server. */
function RoleFields({ fields }: { fields: JsonFields }) {
  const tags = fields.valueOf("target", "tags");
  const limit = fields.valueOf("target", "limit");
  const type = fields.textOf("target", "type") || "dashboard";
  return (
    <Stack gap="sm">
      <Select
        label="Which marks"
        allowDeselect={false}
        data={[
          { value: "dashboard", label: "Annotations of this dashboard" },
          { value: "tags", label: "Annotations with tags, of any dashboard" },
        ]}
        value={type}
        onChange={(chosen) => fields.set(["target", "type"], chosen ?? "dashboard")}
      />
      {type === "tags" && (
        <>
          <TagsInput
            label="Tags"
            value={Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === "string") : []}
            onChange={(chosen) => fields.set(["target", "tags"], chosen)}
          />
          <Switch label="One of the tags is enough" {...fields.flag("target", "matchAny")} />
        </>
      )}
      <NumberInput
        label="At most"
        min={1}
        max={5000}
        allowDecimal={false}
        value={typeof limit === "number" ? limit : 100}
        onChange={(count) => {
          if (typeof count === "number") fields.set(["target", "limit"], count);
        }}
      />
    </Stack>
  );
}

/** Inputs for an annotation query to a data source. The kind of the data source determines the inputs. */
function QueryFields({ fields }: { fields: JsonFields }) {
  const { sources, lookupFor } = useDashboardContext();
  const source = findSource(sourceRefIn(fields.valueOf("datasource")), sources, lookupFor());
  const inputs = source?.kind.annotations;
  if (inputs === undefined)
    return (
      <Text size="sm" c="dimmed">
        {source === undefined ? "The data source does not exist." : `${source.kind.name} has no annotations.`}
      </Text>
    );
  return (
    <Stack gap="sm">
      {inputs.map((input) => (
        <QueryField key={input.path.join(".")} input={input} fields={fields} />
      ))}
    </Stack>
  );
}

function QueryField({ input: { path, label, type, placeholder = "" }, fields }: QueryFieldProps) {
  switch (type) {
    case "query":
      return <Textarea label={label} autosize minRows={2} ff="monospace" {...fields.text(...path)} />;
    case "duration":
      return (
        <DraftText
          isLabelled
          label={label}
          value={fields.textOf(...path) || placeholder}
          onCommit={(step) => fields.set(path, step)}
        />
      );
    case "switch":
      return <Switch label={label} {...fields.flag(...path)} />;
    default:
      return <TextInput label={label} placeholder={placeholder} {...fields.text(...path)} />;
  }
}

/** Selects the panels that show the annotations. */
function PanelChoice({ fields }: { fields: JsonFields }) {
  const { dashboard } = useDashboardEdit();
  const filter = fields.valueOf("filter");
  const ids = fields.valueOf("filter", "ids");
  const isExcluding = fields.valueOf("filter", "exclude") === true;
  const mode = filter === undefined || filter === null ? "all" : isExcluding ? "except" : "only";
  const choose = (next: string | null): void =>
    fields.set(
      ["filter"],
      next === "all" ? undefined : { exclude: next === "except", ids: Array.isArray(ids) ? ids : [] },
    );
  return (
    <Group grow align="flex-start">
      <Select
        label="Shown in"
        allowDeselect={false}
        data={[
          { value: "all", label: "All panels" },
          { value: "only", label: "These panels" },
          { value: "except", label: "All but these panels" },
        ]}
        value={mode}
        onChange={choose}
      />
      {mode !== "all" && (
        <MultiSelect
          label="Panels"
          searchable
          limit={MAX_OFFERED}
          data={flatPanels(dashboard.panels)
            .filter(({ type }) => type !== "row")
            .map(({ id, title }) => ({ value: String(id), label: title === "" ? `Panel ${id}` : `${title} (${id})` }))}
          value={Array.isArray(ids) ? ids.map(String) : []}
          onChange={(chosen) => fields.set(["filter", "ids"], chosen.map(Number))}
        />
      )}
    </Group>
  );
}

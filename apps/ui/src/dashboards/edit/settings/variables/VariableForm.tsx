import { Alert, Fieldset, Group, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { type JsonObject, valueAtPath } from "@narthex/dashboards";
import { useDashboardEdit } from "../../../draft/edit-context.ts";
import { type JsonFields, useJsonFields } from "../json-fields.ts";
import { VariableKindFields } from "./VariableKindFields.tsx";
import { VariablePreview } from "./VariablePreview.tsx";
import { changedKind, type EditableKind, editableKinds, kindNames } from "./variable-kinds.ts";
import { usesOf } from "./variable-uses.ts";

const SELECTING: ReadonlySet<string> = new Set(["query", "custom", "datasource"]);
const NAME = /^\w+$/;

/** Edits a variable. */
export function VariableForm({ index, item }: { index: number; item: JsonObject }) {
  const { draft, dashboard } = useDashboardEdit();
  const path = ["templating", "list", index] as const;
  const name = typeof item["name"] === "string" ? item["name"] : "";
  const type = typeof item["type"] === "string" ? item["type"] : "query";
  const fields = useJsonFields(path, `variable ${name}`);
  const list = valueAtPath(draft.json, ["templating", "list"]) as readonly unknown[];
  const isTaken = list.some((other, i) => i !== index && valueAtPath(other, ["name"]) === name);
  const uses = usesOf(name, dashboard);
  return (
    <Stack gap="md" maw={720}>
      <Group grow align="flex-start">
        <Select
          label="Kind"
          allowDeselect={false}
          data={editableKinds.map((kind) => ({ value: kind, label: kindNames[kind] }))}
          value={type}
          onChange={(kind) => fields.setAll(changedKind(item, (kind ?? "query") as EditableKind))}
        />
        <TextInput label="Name" required {...fields.text("name")} error={nameProblem(name, isTaken)} />
      </Group>
      <Group grow align="flex-start">
        <TextInput label="Label" placeholder="The name" {...fields.text("label")} />
        <Select
          label="Shown above the panels"
          allowDeselect={false}
          data={[
            { value: "0", label: "Label and value" },
            { value: "1", label: "Value" },
            { value: "2", label: "Nothing" },
            { value: "3", label: "In the menu of controls" },
          ]}
          value={fields.textOf("hide") || "0"}
          onChange={(hide) => fields.set(["hide"], Number(hide ?? 0))}
        />
      </Group>
      <TextInput label="Description" {...fields.text("description")} />
      <VariableKindFields type={type} fields={fields} />
      {SELECTING.has(type) && <ChoiceFields fields={fields} />}
      {type !== "constant" && (
        <Switch
          label="Exclude from the address"
          description="Links to the dashboard then do not contain its value."
          {...fields.flag("skipUrlSync")}
        />
      )}
      <VariablePreview name={name} type={type} />
      <Text size="xs" c="dimmed">
        {uses.length === 0 ? "The variable is not used." : `Used by ${listed(uses)}.`}
      </Text>
    </Stack>
  );
}

function nameProblem(name: string, isTaken: boolean): string | undefined {
  if (isTaken) return `Another variable has the name "${name}".`;
  if (name.startsWith("__")) return "Names that start with __ are reserved for built-in variables.";
  return NAME.test(name) ? undefined : "A name may contain only letters, digits and _.";
}

const listed = (uses: readonly string[]): string =>
  uses.length > 8 ? `${uses.slice(0, 8).join(", ")} and ${uses.length - 8} more` : uses.join(", ");

function ChoiceFields({ fields }: { fields: JsonFields }) {
  const hasAll = fields.valueOf("includeAll") === true;
  return (
    <Fieldset legend="Choice" p="sm">
      <Stack gap="sm">
        <Switch label="Allow several values" {...fields.flag("multi")} />
        <Switch label="Offer the option All" {...fields.flag("includeAll")} />
        {hasAll && (
          <TextInput
            label="Value of All"
            description="Inserted unchanged, such as .* in a regular expression. Empty: every value."
            {...fields.text("allValue")}
          />
        )}
        {hasAll && fields.textOf("allValue") !== "" && fields.valueOf("multi") !== true && (
          <Alert variant="light" py="xs">
            It is inserted into queries without escaping.
          </Alert>
        )}
      </Stack>
    </Fieldset>
  );
}

import { Switch } from "@mantine/core";
import type { PluginInput } from "@narthex/dashboards";
import { Choice } from "../../inputs/Choice.tsx";
import { DraftNumber } from "../../inputs/DraftNumber.tsx";
import { DraftText } from "../../inputs/DraftText.tsx";
import { SettingRow } from "../../options/SettingRow.tsx";
import type { QueryFormProps } from "../query-form.ts";

/** The input of queries to a plugin that declares no inputs. */
const TEXT: PluginInput = { key: "text", label: "Query", type: "area" };

/** The form for a query to a plugin's data source, with the inputs that the plugin declares. */
export default function PluginForm({ query, source, onEdit }: QueryFormProps) {
  const declared = source?.kind.queryInputs ?? [];
  return (
    <>
      {(declared.length === 0 ? [TEXT] : declared).map((input) => (
        <SettingRow
          key={input.key}
          name={input.label}
          {...(input.help === undefined ? {} : { description: input.help })}
        >
          <Input
            input={input}
            value={Object.hasOwn(query, input.key) ? query[input.key] : input.initial}
            onChange={(value) => onEdit([{ path: [input.key], value }])}
          />
        </SettingRow>
      ))}
    </>
  );
}

interface InputProps {
  readonly input: PluginInput;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}

function Input({ input: { label, type, placeholder, choices = [] }, value, onChange }: InputProps) {
  const text = typeof value === "string" ? value : "";
  const hint = placeholder === undefined ? {} : { placeholder };
  switch (type) {
    case "switch":
      return (
        <Switch
          size="sm"
          aria-label={label}
          checked={value === true}
          onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        />
      );
    case "number":
      return (
        <DraftNumber
          label={label}
          value={typeof value === "number" ? value : undefined}
          onCommit={onChange}
          {...hint}
        />
      );
    case "choice":
      return (
        <Choice
          label={label}
          choices={choices.map((choice) => ({ value: choice, label: choice }))}
          value={text}
          onChange={onChange}
        />
      );
    case "text":
    case "area":
      return (
        <DraftText label={label} value={text} onCommit={onChange} {...hint} {...(type === "area" ? { rows: 4 } : {})} />
      );
  }
}

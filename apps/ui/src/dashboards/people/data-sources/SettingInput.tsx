import { Button, Group, NumberInput, PasswordInput, Select, Switch, Textarea, TextInput } from "@mantine/core";
import type { SourceSetting } from "@narthex/dashboards";
import type { SourceDraft, SourceKindForm } from "./data-sources-api.ts";
import { settingOf, withSetting } from "./source-draft.ts";

interface SettingInputProps {
  readonly setting: SourceSetting;
  readonly kind: SourceKindForm;
  readonly draft: SourceDraft;
  /** Whether the server stores a value for the setting, if the setting is a secret. */
  readonly isStored: boolean;
  readonly isReadOnly: boolean;
  readonly onChange: (draft: SourceDraft) => void;
}

/** The input for one setting of a data source. The kind of the data source describes the setting. */
export function SettingInput(props: SettingInputProps) {
  const { setting, kind, draft, isReadOnly, onChange } = props;
  const { path, label, type, help, placeholder, choices = [] } = setting;
  if (type === "secret" || type === "secretText") return <SecretInput {...props} />;
  const value = settingOf(draft, path, kind);
  const set = (next: unknown): void => onChange(withSetting(draft, path, next));
  const shared = {
    label,
    disabled: isReadOnly,
    ...(help === undefined ? {} : { description: help }),
    ...(placeholder === undefined ? {} : { placeholder }),
  };
  switch (type) {
    case "switch":
      return (
        <Switch
          label={label}
          disabled={isReadOnly}
          {...(help === undefined ? {} : { description: help })}
          checked={value === true}
          onChange={({ currentTarget }) => set(currentTarget.checked)}
        />
      );
    case "choice":
      return (
        <Select
          {...shared}
          allowDeselect={false}
          data={choices}
          value={typeof value === "string" && value !== "" ? value : (choices[0] ?? null)}
          onChange={(next) => set(next ?? undefined)}
        />
      );
    case "list":
      return (
        <Textarea
          {...shared}
          rows={3}
          value={Array.isArray(value) ? value.filter((one) => typeof one === "string").join("\n") : ""}
          onChange={({ currentTarget }) =>
            set(currentTarget.value === "" ? undefined : currentTarget.value.split("\n"))
          }
        />
      );
    case "number":
      return (
        <NumberInput
          {...shared}
          min={0}
          allowDecimal={false}
          value={typeof value === "number" ? value : typeof value === "string" ? value : ""}
          onChange={(next) => set(typeof next === "number" ? next : undefined)}
        />
      );
    default:
      return (
        <TextInput
          {...shared}
          value={typeof value === "string" ? value : ""}
          onChange={({ currentTarget }) => set(currentTarget.value)}
        />
      );
  }
}

/**
 * An input for a secret. The server never sends a stored secret to the page, so the user can only replace or remove it.
 */
function SecretInput({ setting, draft, isStored, isReadOnly, onChange }: SettingInputProps) {
  const { path, label, type } = setting;
  const given = draft.secureJsonData[path[1]!];
  const isKept = isStored && given === undefined;
  const shared = {
    label,
    disabled: isReadOnly,
    autoComplete: "off",
    placeholder: isKept ? "Stored. Type a new value to replace it." : (setting.placeholder ?? ""),
    value: given ?? "",
    onChange: ({ currentTarget: { value } }: { readonly currentTarget: { readonly value: string } }) =>
      onChange(withSetting(draft, path, value === "" ? undefined : value)),
  };
  return (
    <Group align="flex-end" gap="xs" wrap="nowrap">
      {type === "secretText" ? (
        <Textarea {...shared} autosize minRows={2} maxRows={8} ff="monospace" flex={1} />
      ) : (
        <PasswordInput {...shared} autoComplete="new-password" flex={1} />
      )}
      {isKept && !isReadOnly && (
        <Button
          variant="default"
          aria-label={`Remove the stored value of ${label}`}
          onClick={() => onChange(withSetting(draft, path, ""))}
        >
          Remove
        </Button>
      )}
    </Group>
  );
}

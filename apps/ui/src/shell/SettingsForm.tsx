import { Fieldset, NumberInput, Stack, Switch } from "@mantine/core";
import { setPreference, usePreferences } from "./preferences.ts";
import type { Preferences } from "./preferences.ts";
import { TimeSettings } from "./TimeSettings.tsx";

type Flag = { [K in keyof Preferences]: Preferences[K] extends boolean ? K : never }[keyof Preferences];

function FlagSwitch({ name, label }: { name: Flag; label: string }) {
  const preferences = usePreferences();
  return (
    <Switch
      size="sm"
      label={label}
      checked={preferences[name]}
      onChange={(event) => setPreference(name, event.currentTarget.checked)}
    />
  );
}

function PageSizeInput({ name, label }: { name: "alertGroupsPerPage" | "ruleGroupsPerPage"; label: string }) {
  const preferences = usePreferences();
  return (
    <NumberInput
      size="xs"
      min={1}
      max={500}
      allowDecimal={false}
      label={label}
      value={preferences[name]}
      onChange={(value) => {
        if (typeof value === "number" && value >= 1) setPreference(name, value);
      }}
    />
  );
}

/** Form for the user's settings, which this browser stores. */
export default function SettingsForm() {
  return (
    <Stack gap="sm">
      <Fieldset legend="Time" p="sm">
        <TimeSettings />
      </Fieldset>
      <Fieldset legend="Query editor" p="sm">
        <Stack gap="xs">
          <FlagSwitch name="enableQueryHistory" label="Keep a query history" />
          <FlagSwitch name="enableAutocomplete" label="Autocomplete" />
          <FlagSwitch name="enableSyntaxHighlighting" label="Syntax highlighting" />
          <FlagSwitch name="enableLinter" label="Mark mistakes while typing" />
          <FlagSwitch name="showQueryWarnings" label="Show query warnings" />
          <FlagSwitch name="showQueryInfoNotices" label="Show query notices" />
        </Stack>
      </Fieldset>
      <Fieldset legend="Alerts and rules" p="sm">
        <Stack gap="xs">
          <PageSizeInput name="alertGroupsPerPage" label="Alert groups per page" />
          <PageSizeInput name="ruleGroupsPerPage" label="Rule groups per page" />
        </Stack>
      </Fieldset>
    </Stack>
  );
}

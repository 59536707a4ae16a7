import { Button, Group, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { sourcesQuery } from "../../data/dashboard-queries.ts";
import { exploreAddress } from "../../data/explore-address.ts";
import { ChangeError } from "../frame/ChangeError.tsx";
import { Section } from "../frame/Section.tsx";
import { useChange } from "../frame/use-change.ts";
import {
  saveSource,
  settingsKey,
  type SourceDraft,
  type SourceHealth,
  type SourceKindForm,
  type SourceSettings,
  testSourceHealth,
} from "./data-sources-api.ts";
import { HeaderInputs } from "./HeaderInputs.tsx";
import { HealthMessage } from "./HealthMessage.tsx";
import { SettingInput } from "./SettingInput.tsx";
import { draftOf, isShown } from "./source-draft.ts";

/** Returns the path of the page that queries a data source. Undefined if the source has no queries. */
function exploreOf(uid: string, kind: SourceKindForm | undefined): string | undefined {
  if (kind === undefined || Object.keys(kind.blankQuery).length === 0) return undefined;
  const query = { refId: "A", datasource: { uid }, source: kind.blankQuery };
  return exploreAddress({ queries: [query], raw: { from: "now-1h", to: "now" } });
}

/** The form for the settings of a data source. After saving, the server tests whether it can reach the data source. */
export function SourceForm({ settings, kind }: { settings: SourceSettings; kind: SourceKindForm | undefined }) {
  const { uid, readOnly: isReadOnly, secureJsonFields } = settings;
  const [draft, setDraft] = useState(() => draftOf(settings));
  const [health, setHealth] = useState<SourceHealth>();
  const keys = [settingsKey, sourcesQuery.queryKey];
  const save = useChange(
    async () => {
      setHealth(undefined);
      if (!isReadOnly) setDraft(draftOf((await saveSource(draft)).datasource));
      setHealth(await testSourceHealth(uid));
    },
    isReadOnly ? [] : keys,
  );
  const change = (next: SourceDraft): void => {
    setDraft(next);
    setHealth(undefined);
  };
  return (
    <Section
      title="Settings"
      {...(isReadOnly ? { about: "A provisioning file defines this data source. Change it in the file." } : {})}
    >
      <form
        noValidate
        aria-label="Settings of the data source"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack gap="sm" maw={560}>
          <TextInput
            label="Name"
            required
            disabled={isReadOnly}
            value={draft.name}
            onChange={({ currentTarget }) => change({ ...draft, name: currentTarget.value })}
          />
          <Switch
            label="Default of new panels"
            disabled={isReadOnly}
            checked={draft.isDefault}
            onChange={({ currentTarget }) => change({ ...draft, isDefault: currentTarget.checked })}
          />
          {kind === undefined && (
            <Text size="sm" c="dimmed">
              This server does not know the type “{settings.type}”. Its settings are kept.
            </Text>
          )}
          {kind?.settings.map((setting) => {
            if (!isShown(setting, draft, kind)) return null;
            const shared = { draft, isReadOnly, onChange: change };
            return setting.type === "headers" ? (
              <HeaderInputs key="headers" {...shared} stored={secureJsonFields} />
            ) : (
              <SettingInput
                key={setting.path.join(".")}
                {...shared}
                setting={setting}
                kind={kind}
                isStored={secureJsonFields[setting.path[1] ?? ""] === true}
              />
            );
          })}
          {save.error !== null && <ChangeError error={save.error} />}
          {health !== undefined && <HealthMessage health={health} explore={exploreOf(uid, kind)} />}
          <Group>
            <Button type="submit" size="sm" loading={save.isPending} disabled={draft.name.trim() === ""}>
              {isReadOnly ? "Test" : "Save and test"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

import { Switch } from "@mantine/core";
import { Choice } from "../../inputs/Choice.tsx";
import { DraftText } from "../../inputs/DraftText.tsx";
import { SettingRow } from "../../options/SettingRow.tsx";
import { textOf } from "../../panel-edit.ts";
import type { QueryFormProps } from "../query-form.ts";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import styles from "./AlertmanagerForm.module.css";

const css = classesOf(styles);

const kinds = [
  { value: "alerts", label: "Alerts" },
  { value: "groups", label: "Groups" },
  { value: "silences", label: "Silences" },
  { value: "receivers", label: "Receivers" },
  { value: "status", label: "Status" },
];

const states = [
  ["active", "Active", true],
  ["silenced", "Silenced", false],
  ["inhibited", "Inhibited", false],
  ["unprocessed", "Unprocessed", false],
] as const;

export default function AlertmanagerForm({ query, onEdit }: QueryFormProps) {
  const set = (key: string, value: unknown): void => onEdit([{ path: [key], value }]);
  const kind = textOf(query, "queryType") || "alerts";
  const listed = query["filters"];
  const filters = Array.isArray(listed) ? listed.join(", ") : textOf(query, "filters") || textOf(query, "filter");
  const isOfAlerts = kind === "alerts" || kind === "groups";
  return (
    <div className={css("form")}>
      <SettingRow name="Show">
        <Choice label="Show" choices={kinds} value={kind} onChange={(next) => set("queryType", next)} />
      </SettingRow>
      {(isOfAlerts || kind === "silences") && (
        <SettingRow name="Filters" description="Separated by commas: severity=critical, env=~prod.*">
          <DraftText
            label="Filters"
            placeholder='alertname="HostDown"'
            value={filters}
            onCommit={(text) => set("filters", text)}
          />
        </SettingRow>
      )}
      {isOfAlerts && (
        <>
          <SettingRow name="Receiver" description="An expression; empty: all">
            <DraftText label="Receiver" value={textOf(query, "receiver")} onCommit={(text) => set("receiver", text)} />
          </SettingRow>
          <SettingRow name="States">
            {states.map(([key, name, usual]) => (
              <Switch
                key={key}
                size="xs"
                label={name}
                checked={typeof query[key] === "boolean" ? query[key] : usual}
                onChange={({ currentTarget }) => set(key, currentTarget.checked)}
              />
            ))}
          </SettingRow>
        </>
      )}
    </div>
  );
}

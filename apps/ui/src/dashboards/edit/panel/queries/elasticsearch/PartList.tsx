import { type Edit, type JsonObject, valueAtPath } from "@narthex/dashboards";
import { IconPlus, IconX } from "@tabler/icons-react";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import { TextButton } from "../../../../../shell/TextButton.tsx";
import { Choice } from "../../inputs/Choice.tsx";
import { DraftJson } from "../../inputs/DraftJson.tsx";
import { DraftText } from "../../inputs/DraftText.tsx";
import { OptionInput } from "../../inputs/OptionInput.tsx";
import { readOption } from "../../inputs/SettingInput.tsx";
import { Tool } from "../../inputs/Tool.tsx";
import { SettingRow } from "../../options/SettingRow.tsx";
import { type Entry, textOf } from "../../panel-edit.ts";
import styles from "./ElasticsearchForm.module.css";
import type { PartKind } from "./part-kinds.ts";

const css = classesOf(styles);

interface PartListProps {
  /** Name of the parts: "Metric" or "Group". */
  readonly name: string;
  /** Key of the list in the query. */
  readonly listKey: string;
  readonly kinds: Readonly<Record<string, PartKind>>;
  readonly parts: readonly Entry[];
  /** Metrics from which a part may compute. */
  readonly metrics: readonly Entry[];
  /** Id of a datalist with the names of fields. */
  readonly fieldList: string;
  readonly blank: JsonObject;
  readonly onEdit: (edits: readonly Edit[]) => void;
}

/** The metrics or the groups of a query, each with inputs for its type. */
export function PartList({ name, listKey, kinds, parts, metrics, fieldList, blank, onEdit }: PartListProps) {
  const all = parts.map(({ json }) => json);
  return (
    <div className={css("parts")} role="group" aria-label={`${name}s`}>
      {parts.map(({ at, json }, index) => (
        <Part
          key={at}
          label={`${name} ${index + 1}`}
          part={json}
          kinds={kinds}
          metrics={metrics.filter(({ json: other }) => other["id"] !== json["id"])}
          fieldList={fieldList}
          onEdit={(edits) => onEdit(edits.map((edit) => ({ ...edit, path: [listKey, at, ...edit.path] })))}
          onRemove={() => onEdit([{ path: [listKey], value: all.filter((one) => one !== json) }])}
        />
      ))}
      <TextButton onClick={() => onEdit([{ path: [listKey], value: [...all, blank] }])}>
        <IconPlus size={12} aria-hidden /> Add {name.toLowerCase()}
      </TextButton>
    </div>
  );
}

function Part({
  label,
  part,
  kinds,
  metrics,
  fieldList,
  onEdit,
  onRemove,
}: {
  label: string;
  part: JsonObject;
  kinds: Readonly<Record<string, PartKind>>;
  metrics: readonly Entry[];
  fieldList: string;
  onEdit: (edits: readonly Edit[]) => void;
  onRemove: () => void;
}) {
  const type = textOf(part, "type");
  const kind = Object.hasOwn(kinds, type) ? kinds[type]! : undefined;
  const set = (path: readonly string[], value: unknown): void => onEdit([{ path, value }]);
  return (
    <div className={css("part")} role="group" aria-label={label}>
      <div className={css("head")}>
        <Choice
          label={`Type of ${label.toLowerCase()}`}
          choices={Object.entries(kinds).map(([value, one]) => ({ value, label: one.label }))}
          value={type}
          onChange={(next) =>
            onEdit([
              { path: ["type"], value: next },
              { path: ["settings"], value: undefined },
            ])
          }
        />
        <Tool label={`Remove ${label.toLowerCase()}`} onClick={onRemove}>
          <IconX size={14} />
        </Tool>
      </div>
      {kind?.hasField === true && (
        <SettingRow name="Field">
          <DraftText
            label={`Field of ${label.toLowerCase()}`}
            value={textOf(part, "field")}
            list={fieldList}
            onCommit={(field) => set(["field"], field)}
          />
        </SettingRow>
      )}
      {kind?.hasSource === true && (
        <SettingRow name="Of metric">
          <Choice
            label={`Metric of ${label.toLowerCase()}`}
            choices={metrics.map(({ json }) => ({
              value: textOf(json, "id"),
              label: `${textOf(json, "id")}: ${textOf(json, "type")} ${textOf(json, "field")}`.trim(),
            }))}
            value={textOf(part, "field") || textOf(part, "pipelineAgg")}
            onChange={(id) => set(["field"], id)}
          />
        </SettingRow>
      )}
      {kind?.options.map((option) => {
        const path = option.path.split(".");
        return (
          <SettingRow key={option.path} name={option.name} description={option.description}>
            <OptionInput
              option={option}
              value={readOption(option, valueAtPath(part, path))}
              onChange={(value) => set(path, value === "" ? undefined : value)}
            />
          </SettingRow>
        );
      })}
      {(kind === undefined || kind.isJson === true) && (
        <SettingRow name="Settings as JSON">
          <DraftJson
            label={`Settings of ${label.toLowerCase()}`}
            value={part["settings"]}
            rows={3}
            onCommit={(value) => set(["settings"], value)}
          />
        </SettingRow>
      )}
      {type === "extended_stats" && (
        <SettingRow name="Statistics as JSON" description={'{"std_deviation": true}'}>
          <DraftJson
            label={`Statistics of ${label.toLowerCase()}`}
            value={part["meta"]}
            rows={2}
            onCommit={(value) => set(["meta"], value)}
          />
        </SettingRow>
      )}
      {type === "bucket_script" && (
        <SettingRow name="Variables as JSON" description={'[{"name": "var1", "pipelineAgg": "1"}]'}>
          <DraftJson
            label={`Variables of ${label.toLowerCase()}`}
            value={part["pipelineVariables"]}
            rows={2}
            onCommit={(value) => set(["pipelineVariables"], value)}
          />
        </SettingRow>
      )}
    </div>
  );
}

import { Button, Switch } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import type { JsonObject } from "@narthex/dashboards";
import { entriesAt, textOf } from "../panel-edit.ts";
import { DraftText } from "./DraftText.tsx";
import { RemoveTool } from "./ItemTools.tsx";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./DataLinksField.module.css";

const css = classesOf(styles);

/** Edits the links of a panel, or the data links of its values. */
export function DataLinksField({
  value,
  isOfPanel = false,
  onChange,
}: {
  value: unknown;
  isOfPanel?: boolean;
  onChange: (links: unknown) => void;
}) {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  const set = (at: number, json: JsonObject, change: JsonObject): void =>
    onChange(list.with(at, { ...json, ...change }));
  return (
    <div className={css("links")}>
      {entriesAt({ list }, ["list"]).map(({ at, json }) => (
        <div key={at} className={css("link")} role="group" aria-label={`Link ${at + 1}`}>
          <div className={css("line")}>
            <DraftText
              label="Title"
              placeholder="Show details"
              className={css("grow")}
              value={textOf(json, "title")}
              onCommit={(title) => set(at, json, { title })}
            />
            <RemoveTool name={`link ${at + 1}`} onClick={() => onChange(list.toSpliced(at, 1))} />
          </div>
          <DraftText
            label="URL"
            placeholder={isOfPanel ? "/d/uid?${__url_time_range}" : "https://host/${__field.labels.instance}"}
            value={textOf(json, "url")}
            onCommit={(url) => set(at, json, { url })}
          />
          <Switch
            size="xs"
            label="Open in new tab"
            checked={json["targetBlank"] === true}
            onChange={({ currentTarget }) => set(at, json, { targetBlank: currentTarget.checked })}
          />
          {!isOfPanel && (
            <Switch
              size="xs"
              label="One click"
              checked={json["oneClick"] === true}
              onChange={({ currentTarget }) => set(at, json, { oneClick: currentTarget.checked })}
            />
          )}
        </div>
      ))}
      <Button
        size="xs"
        variant="default"
        leftSection={<IconPlus size={14} />}
        onClick={() => onChange([...list, { title: "", url: "" }])}
      >
        Add link
      </Button>
    </div>
  );
}

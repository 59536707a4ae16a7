import { Button, Menu } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import type { JsonObject } from "@narthex/dashboards";
import { useMemo } from "react";
import type { PanelModule } from "../../../contracts/panel-kind.ts";
import { DraftJson } from "../inputs/DraftJson.tsx";
import { PickButton } from "../inputs/PickButton.tsx";
import { SettingInput } from "../inputs/SettingInput.tsx";
import { MoveTools, RemoveTool } from "../inputs/ItemTools.tsx";
import { usePanelEditing } from "../panel-edit-context.ts";
import { entriesAt, type Entry, isJsonObject, listAtPath, textOf } from "../panel-edit.ts";
import { customSettings, type FieldSetting, standardSettings } from "./field-settings.ts";
import { MatcherField, matcherKinds } from "./MatcherField.tsx";
import { Section } from "./Section.tsx";
import { SettingRow } from "./SettingRow.tsx";
import { classesOf } from "../../../../shell/style-sheet.ts";
import { itemMoved } from "../../list-order.ts";
import styles from "./OverridesPane.module.css";

const css = classesOf(styles);

const OVERRIDES = ["fieldConfig", "overrides"];

/**
 * Edits the overrides of a panel, in the order in which they are applied. An override contains settings for some
 * fields.
 */
export function OverridesPane({ module, kindName }: { module: PanelModule | undefined; kindName: string }) {
  const { panel, edit } = usePanelEditing();
  const list = listAtPath(panel.source, OVERRIDES);
  const settings = useMemo(
    () => [...standardSettings, ...(module === undefined ? [] : customSettings(module, kindName))],
    [module, kindName],
  );
  const change = (next: readonly unknown[]): void => edit([{ path: OVERRIDES, value: next }]);
  return (
    <div>
      {entriesAt(panel.source, OVERRIDES).map((entry) => (
        <Override key={entry.at} entry={entry} settings={settings} list={list} onList={change} />
      ))}
      <div className={css("add")}>
        <Menu position="bottom-start" withinPortal>
          <Menu.Target>
            <Button size="xs" variant="default" fullWidth leftSection={<IconPlus size={14} />}>
              Add field override
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {matcherKinds.map(({ id, name, description, initial }) => (
              <Menu.Item
                key={id}
                onClick={() => change([...list, { matcher: { id, options: initial }, properties: [] }])}
              >
                {name}
                <div className={css("hint")}>{description}</div>
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
    </div>
  );
}

interface OverrideProps {
  readonly entry: Entry;
  readonly settings: readonly FieldSetting[];
  readonly list: readonly unknown[];
  readonly onList: (list: readonly unknown[]) => void;
}

function Override({ entry: { at, json }, settings, list, onList }: OverrideProps) {
  const { edit } = usePanelEditing();
  const matcher = isJsonObject(json["matcher"]) ? json["matcher"] : {};
  const path = [...OVERRIDES, at];
  const properties = listAtPath(json, ["properties"]);
  const setProperties = (next: readonly unknown[]): void => edit([{ path: [...path, "properties"], value: next }]);
  const options = settings.map(({ id, name, group }) => ({ value: id, text: name, hint: group }));
  const add = (id: string): void => setProperties([...properties, { id, value: firstValue(settings, id) }]);
  return (
    <Section title={`Override ${at + 1}`}>
      <div className={css("tools")}>
        <MoveTools name={`override ${at + 1}`} onMove={(by) => onList(itemMoved(list, at, at + by))} />
        <RemoveTool name={`override ${at + 1}`} onClick={() => onList(list.toSpliced(at, 1))} />
      </div>
      <MatcherField matcher={matcher} onChange={(next) => edit([{ path: [...path, "matcher"], value: next }])} />
      {entriesAt(json, ["properties"]).map((property) => (
        <Property
          key={property.at}
          json={property.json}
          setting={settings.find(({ id }) => id === property.json["id"])}
          onRemove={() => setProperties(properties.toSpliced(property.at, 1))}
          onChange={(value) => setProperties(properties.with(property.at, withValue(property.json, value)))}
        />
      ))}
      <PickButton label="Add override property" text="Add override property" options={options} onPick={add} />
    </Section>
  );
}

/** Returns the initial value of a property that is added to an override: the default of the setting. */
function firstValue(settings: readonly FieldSetting[], id: string): unknown {
  const form = settings.find((setting) => setting.id === id)?.form;
  switch (form?.kind) {
    case "option":
      return form.option.initial;
    case "color":
      return { mode: "fixed", fixedColor: "text" };
    case "mappings":
    case "links":
      return [];
    default:
      return undefined;
  }
}

function withValue(json: JsonObject, value: unknown): JsonObject {
  const { value: _, ...rest } = json;
  return value === undefined ? rest : { ...rest, value };
}

function Property({
  json,
  setting,
  onChange,
  onRemove,
}: {
  json: JsonObject;
  setting: FieldSetting | undefined;
  onChange: (value: unknown) => void;
  onRemove: () => void;
}) {
  const id = textOf(json, "id");
  const name = setting === undefined ? id : `${setting.group} › ${setting.name}`;
  return (
    <div className={css("property")}>
      <SettingRow name={name}>
        {setting === undefined ? (
          <DraftJson label={name} value={json["value"]} rows={1} onCommit={onChange} />
        ) : (
          <SettingInput setting={setting} value={json["value"]} onChange={onChange} />
        )}
      </SettingRow>
      <RemoveTool name={name} onClick={onRemove} />
    </div>
  );
}

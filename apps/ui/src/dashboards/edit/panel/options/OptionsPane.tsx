import { valueAtPath } from "@narthex/dashboards";
import { Tabs } from "@mantine/core";
import { useState } from "react";
import { SearchInput } from "../../../../shell/SearchInput.tsx";
import { matchesSearch } from "../../../../shell/text-search.ts";
import type { PanelModule } from "../../../contracts/panel-kind.ts";
import { type Option, readOptions } from "../../../contracts/option-table.ts";
import { OptionInput } from "../inputs/OptionInput.tsx";
import { SettingInput } from "../inputs/SettingInput.tsx";
import { usePanelEditing } from "../panel-edit-context.ts";
import { isJsonObject, type Path } from "../panel-edit.ts";
import { customSettings, type FieldSetting, standardSettings } from "./field-settings.ts";
import { OverridesPane } from "./OverridesPane.tsx";
import { PanelSection } from "./PanelSection.tsx";
import { Section } from "./Section.tsx";
import { SettingRow } from "./SettingRow.tsx";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./OptionsPane.module.css";

const css = classesOf(styles);

/**
 * An input in the options pane: for an option of the panel's kind, or for a field setting. `path` is the path of the
 * value in the panel's JSON.
 */
interface Row {
  readonly key: string;
  readonly path: Path;
  readonly name: string;
  readonly group: string;
  readonly description?: string | undefined;
  readonly initial: unknown;
  readonly form: { readonly option: Option } | { readonly setting: FieldSetting };
}

export function OptionsPane({
  module,
  kindName,
  isFed,
}: {
  /** Module of the panel's kind; undefined while the module is loading, and for unknown kinds. */
  module: PanelModule | undefined;
  kindName: string;
  isFed: boolean;
}) {
  const { panel } = usePanelEditing();
  const [search, setSearch] = useState("");
  const overrides = panel.fieldConfig.overrides.length;
  return (
    <Tabs defaultValue="all" keepMounted={false} className={css("pane")}>
      <Tabs.List grow>
        <Tabs.Tab value="all">All options</Tabs.Tab>
        {isFed && <Tabs.Tab value="overrides">{overrides === 0 ? "Overrides" : `Overrides (${overrides})`}</Tabs.Tab>}
      </Tabs.List>
      <Tabs.Panel value="all">
        <div className={css("search")}>
          <SearchInput label="Search options" value={search} onChange={setSearch} />
        </div>
        <AllOptions module={module} kindName={kindName} isFed={isFed} search={search} />
      </Tabs.Panel>
      {isFed && (
        <Tabs.Panel value="overrides">
          <OverridesPane module={module} kindName={kindName} />
        </Tabs.Panel>
      )}
    </Tabs>
  );
}

/** Groups of options that are closed at first, since few users need them. */
const closed = new Set(["Hide in area", "Text size", "Data links", "Other"]);

function AllOptions({
  module,
  kindName,
  isFed,
  search,
}: {
  module: PanelModule | undefined;
  kindName: string;
  isFed: boolean;
  search: string;
}) {
  const { panel } = usePanelEditing();
  const options = valueAtPath(panel.source, ["options"]);
  const custom = valueAtPath(panel.source, ["fieldConfig", "defaults", "custom"]);
  const rows = [
    ...(module === undefined ? [] : optionRows(module, kindName, options)),
    ...(isFed ? standardSettings.map(settingRow) : []),
    ...(module === undefined || !isFed ? [] : customRows(module, kindName, custom)),
  ];
  const typed = search.trim();
  const fitting = rows.filter(
    ({ name, group, description = "" }) =>
      typed === "" || matchesSearch(`${group} ${name} ${description}`.toLowerCase(), typed),
  );
  const groups = Map.groupBy(fitting, ({ group }) => group);
  return (
    <>
      <PanelSection search={typed} />
      {inOrder([...groups.keys()], kindName).map((group) => (
        <OptionSection key={group} title={group} rows={groups.get(group)!} isForced={typed !== ""} />
      ))}
    </>
  );
}

/**
 * Sorts the group headings: first the group named after the panel's kind, then other groups of the kind, then groups
 * that all kinds have.
 */
function inOrder(groups: readonly string[], kindName: string): readonly string[] {
  const last = ["Standard options", "Data links", "Value mappings", "Thresholds", "Hide in area", "Other"];
  const rank = (group: string): number => (group === kindName ? -1 : last.indexOf(group) + 1);
  return groups.toSorted((a, b) => rank(a) - rank(b));
}

function OptionSection({ title, rows, isForced }: { title: string; rows: readonly Row[]; isForced: boolean }) {
  const { panel, edit } = usePanelEditing();
  const set = rows.map((row) => ({ row, value: valueAtPath(panel.source, row.path) }));
  const isChanged = (value: unknown, initial: unknown): boolean =>
    value !== undefined && JSON.stringify(value) !== JSON.stringify(initial);
  const changed = set.filter(({ row, value }) => isChanged(value, row.initial)).length;
  return (
    <Section title={title} isOpen={!closed.has(title)} isForced={isForced} changed={changed}>
      {set.map(({ row, value }) => {
        const change = (next: unknown): void => edit([{ path: row.path, value: next }]);
        return (
          <SettingRow
            key={row.key}
            name={row.name}
            description={row.description}
            isChanged={isChanged(value, row.initial)}
            onReset={() => change(undefined)}
          >
            {"option" in row.form ? (
              <OptionInput
                option={row.form.option}
                value={readOptions({ one: { ...row.form.option, path: "one" } }, { one: value }).one}
                onChange={change}
              />
            ) : (
              <SettingInput setting={row.form.setting} value={value} onChange={change} />
            )}
          </SettingRow>
        );
      })}
    </Section>
  );
}

/** Returns the options of a table that the editor shows, given the current values of the table's other options. */
function shownOptions(table: PanelModule["options"], json: unknown): readonly Option[] {
  const read: Readonly<Record<string, unknown>> = readOptions(table, isJsonObject(json) ? json : {});
  return Object.values(table).filter(({ isShown }) => isShown?.(read) ?? true);
}

const optionRows = (module: PanelModule, kindName: string, json: unknown): readonly Row[] =>
  shownOptions(module.options, json).map((option) => ({
    key: `options.${option.path}`,
    path: ["options", ...option.path.split(".")],
    name: option.name,
    group: groupOf(option, kindName),
    description: option.description,
    initial: option.initial,
    form: { option },
  }));

/** Returns the group of an option. Options without a form, which are edited as JSON, are in the group `Other`. */
const groupOf = (option: Option, kindName: string): string =>
  option.kind === "raw" && option.form === undefined ? "Other" : (option.group ?? kindName);

const settingRow = (setting: FieldSetting): Row => ({
  key: setting.id,
  path: ["fieldConfig", "defaults", ...setting.id.split(".")],
  name: setting.name,
  group: setting.group,
  description: setting.description,
  initial: setting.form.kind === "option" ? setting.form.option.initial : undefined,
  form: { setting },
});

function customRows(module: PanelModule, kindName: string, json: unknown): readonly Row[] {
  const shown = new Set(shownOptions(module.fieldOptions, json).map(({ path }) => `custom.${path}`));
  return customSettings(module, kindName)
    .filter(({ id }) => shown.has(id))
    .map(settingRow);
}

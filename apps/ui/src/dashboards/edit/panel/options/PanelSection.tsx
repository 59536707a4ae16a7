import { valueAtPath } from "@narthex/dashboards";
import { Switch } from "@mantine/core";
import type { ReactNode } from "react";
import { matchesSearch } from "../../../../shell/text-search.ts";
import { Choice } from "../inputs/Choice.tsx";
import { DataLinksField } from "../inputs/DataLinksField.tsx";
import { DraftText } from "../inputs/DraftText.tsx";
import { usePanelEditing } from "../panel-edit-context.ts";
import { textOf } from "../panel-edit.ts";
import { Section } from "./Section.tsx";
import { SettingRow } from "./SettingRow.tsx";

const directions = [
  { value: "h", label: "Horizontal" },
  { value: "v", label: "Vertical" },
];
const perRow = [2, 3, 4, 6, 8, 12].map((count) => ({ value: String(count), label: String(count) }));

interface PanelRow {
  readonly key: string;
  readonly name: string;
  readonly description?: string;
  readonly form: ReactNode;
}

export function PanelSection({ search }: { search: string }) {
  const { panel, edit, variables } = usePanelEditing();
  const { source } = panel;
  const set = (key: string, value: unknown): void => edit([{ path: [key], value }]);
  const repeat = textOf(source, "repeat");
  const rows: readonly PanelRow[] = [
    {
      key: "title",
      name: "Title",
      form: <DraftText label="Title" value={panel.title} onCommit={(title) => set("title", title)} />,
    },
    {
      key: "description",
      name: "Description",
      form: (
        <DraftText
          label="Description"
          value={panel.description}
          rows={3}
          onCommit={(text) => set("description", text === "" ? undefined : text)}
        />
      ),
    },
    {
      key: "transparent",
      name: "Transparent background",
      form: (
        <Switch
          size="sm"
          aria-label="Transparent background"
          checked={panel.transparent}
          onChange={({ currentTarget }) => set("transparent", currentTarget.checked || undefined)}
        />
      ),
    },
    {
      key: "links",
      name: "Panel links",
      form: (
        <DataLinksField value={valueAtPath(source, ["links"])} isOfPanel onChange={(links) => set("links", links)} />
      ),
    },
    {
      key: "repeat",
      name: "Repeat by variable",
      description:
        "Repeat this panel for each value of the variable. In edit mode, only the first copy can be changed.",
      form: (
        <Choice
          label="Repeat by variable"
          value={repeat}
          choices={[
            { value: "", label: "Do not repeat this panel" },
            ...variables.filter(({ type }) => type !== "adhoc").map(({ name }) => ({ value: name, label: name })),
          ]}
          onChange={(name) => set("repeat", name === "" ? undefined : name)}
        />
      ),
    },
    ...(repeat === ""
      ? []
      : [
          {
            key: "repeatDirection",
            name: "Repeat direction",
            form: (
              <Choice
                label="Repeat direction"
                value={panel.repeatDirection}
                choices={directions}
                onChange={(direction) => set("repeatDirection", direction)}
              />
            ),
          },
        ]),
    ...(repeat === "" || panel.repeatDirection === "v"
      ? []
      : [
          {
            key: "maxPerRow",
            name: "Max per row",
            form: (
              <Choice
                label="Max per row"
                value={String(panel.maxPerRow)}
                choices={perRow}
                onChange={(count) => set("maxPerRow", Number(count))}
              />
            ),
          },
        ]),
  ];
  const fitting = rows.filter(
    ({ name, description = "" }) =>
      search === "" || matchesSearch(`panel options ${name} ${description}`.toLowerCase(), search),
  );
  if (fitting.length === 0) return null;
  return (
    <Section title="Panel options" isForced={search !== ""}>
      {fitting.map(({ key, name, description, form }) => (
        <SettingRow key={key} name={name} description={description}>
          {form}
        </SettingRow>
      ))}
    </Section>
  );
}

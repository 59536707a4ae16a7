import { Button, Text } from "@mantine/core";
import { IconBug } from "@tabler/icons-react";
import { findTransformation, transformations } from "@narthex/dashboards";
import { useState } from "react";
import { PickButton } from "../inputs/PickButton.tsx";
import { HideTool, MoveTools, RemoveTool } from "../inputs/ItemTools.tsx";
import { Tool } from "../inputs/Tool.tsx";
import { EntryCard } from "../EntryCard.tsx";
import { usePanelEditing } from "../panel-edit-context.ts";
import { entriesAt, type Entry, listAtPath, textOf } from "../panel-edit.ts";
import { FrameDebug } from "./FrameDebug.tsx";
import { TransformationForm } from "./TransformationForm.tsx";
import { useStages } from "./use-stages.ts";
import { classesOf } from "../../../../shell/style-sheet.ts";
import { itemMoved } from "../../list-order.ts";
import styles from "./TransformationTab.module.css";

const css = classesOf(styles);

const PATH = ["transformations"];

const kinds = transformations
  .toSorted((a, b) => a.name.localeCompare(b.name))
  .map(({ id, name, description }) => ({ value: id, text: name, hint: description }));

export function TransformationTab() {
  const { panel, edit } = usePanelEditing();
  const list = listAtPath(panel.source, PATH);
  const entries = entriesAt(panel.source, PATH);
  const stages = useStages();
  const setList = (next: readonly unknown[]): void => edit([{ path: PATH, value: next }]);
  const add = (id: string): void => {
    const kind = findTransformation(id);
    if (kind !== undefined) setList([...list, { id, options: kind.defaultOptions }]);
  };
  return (
    <div className={css("list")}>
      {entries.length === 0 && (
        <Text size="sm" c="dimmed">
          Transformations join, calculate, reorder, hide and rename the results before they are shown.
        </Text>
      )}
      {entries.map((entry, index) => (
        <TransformationCard
          key={entry.at}
          entry={entry}
          index={index}
          isLast={index === entries.length - 1}
          before={stages[index] ?? []}
          after={stages[index + 1] ?? []}
          onMove={(by) => setList(itemMoved(list, entry.at, entries[index + by]?.at ?? entry.at))}
          onRemove={() => setList(list.toSpliced(entry.at, 1))}
        />
      ))}
      <div className={css("add")}>
        <PickButton
          label="Add transformation"
          text={entries.length === 0 ? "Add transformation" : "Add another transformation"}
          options={kinds}
          onPick={add}
        />
        {entries.length > 1 && (
          <Button size="xs" variant="subtle" color="gray" onClick={() => setList([])}>
            Remove all
          </Button>
        )}
      </div>
    </div>
  );
}

type Frames = ReturnType<typeof useStages>[number];

function TransformationCard({
  entry: { at, json },
  index,
  isLast,
  before,
  after,
  onMove,
  onRemove,
}: {
  entry: Entry;
  index: number;
  isLast: boolean;
  before: Frames;
  after: Frames;
  onMove: (by: number) => void;
  onRemove: () => void;
}) {
  const { edit } = usePanelEditing();
  const [isDebugged, setDebugged] = useState(false);
  const id = textOf(json, "id");
  const kind = findTransformation(id);
  const name = `${index + 1} - ${kind?.name ?? id}`;
  const isDisabled = json["disabled"] === true;
  const set = (key: string, value: unknown): void => edit([{ path: [...PATH, at, key], value }]);
  return (
    <EntryCard
      name={name}
      aria-label={`Transformation ${name}`}
      isOff={isDisabled}
      head={
        <span className={css("name")} data-off={isDisabled || undefined} title={kind?.description}>
          {name}
        </span>
      }
      tools={
        <>
          <MoveTools name={name} isFirst={index === 0} isLast={isLast} onMove={onMove} />
          <Tool label={`Debug ${name}`} isPressed={isDebugged} onClick={() => setDebugged(!isDebugged)}>
            <IconBug size={14} />
          </Tool>
          <HideTool
            label={`Disable ${name}`}
            isHidden={isDisabled}
            onHide={(disable) => set("disabled", disable || undefined)}
          />
          <RemoveTool name={name} onClick={onRemove} />
        </>
      }
      foot={
        isDebugged && (
          <div className={css("debug")}>
            <FrameDebug title="Input" frames={before} />
            <FrameDebug title="Output" frames={after} />
          </div>
        )
      }
    >
      <TransformationForm
        id={kind?.id ?? id}
        options={json["options"]}
        input={before}
        onEdit={(edits) => edit(edits.map(({ path, value }) => ({ path: [...PATH, at, "options", ...path], value })))}
        onReplace={(options) => set("options", options)}
      />
    </EntryCard>
  );
}

import { Button, Text } from "@mantine/core";
import {
  IconArrowDown,
  IconArrowUp,
  IconBug,
  IconChevronDown,
  IconEye,
  IconEyeOff,
  IconTrash,
} from "@tabler/icons-react";
import { findTransformation, transformations } from "@narthex/dashboards";
import { useState } from "react";
import { PickButton } from "../inputs/PickButton.tsx";
import { Tool } from "../inputs/Tool.tsx";
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

/** The transformations between the queries and the panel. */
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
  const [isOpen, setOpen] = useState(true);
  const [isDebugged, setDebugged] = useState(false);
  const id = textOf(json, "id");
  const kind = findTransformation(id);
  const name = `${index + 1} - ${kind?.name ?? id}`;
  const isDisabled = json["disabled"] === true;
  const set = (key: string, value: unknown): void => edit([{ path: [...PATH, at, key], value }]);
  return (
    <section className={css("card")} aria-label={`Transformation ${name}`} data-disabled={isDisabled || undefined}>
      <header className={css("head")}>
        <button
          type="button"
          className={css("toggle")}
          aria-expanded={isOpen}
          aria-label={`Show ${name}`}
          onClick={() => setOpen(!isOpen)}
        >
          <IconChevronDown size={14} aria-hidden />
        </button>
        <span className={css("name")} title={kind?.description}>
          {name}
        </span>
        <Tool label={`Move ${name} up`} isDisabled={index === 0} onClick={() => onMove(-1)}>
          <IconArrowUp size={14} />
        </Tool>
        <Tool label={`Move ${name} down`} isDisabled={isLast} onClick={() => onMove(1)}>
          <IconArrowDown size={14} />
        </Tool>
        <Tool label={`Debug ${name}`} isPressed={isDebugged} onClick={() => setDebugged(!isDebugged)}>
          <IconBug size={14} />
        </Tool>
        <Tool
          label={`Disable ${name}`}
          isPressed={isDisabled}
          onClick={() => set("disabled", isDisabled ? undefined : true)}
        >
          {isDisabled ? <IconEyeOff size={14} /> : <IconEye size={14} />}
        </Tool>
        <Tool label={`Remove ${name}`} onClick={onRemove}>
          <IconTrash size={14} />
        </Tool>
      </header>
      {isOpen && (
        <div className={css("body")}>
          <TransformationForm
            id={kind?.id ?? id}
            options={json["options"]}
            input={before}
            onEdit={(edits) =>
              edit(edits.map(({ path, value }) => ({ path: [...PATH, at, "options", ...path], value })))
            }
            onReplace={(options) => set("options", options)}
          />
        </div>
      )}
      {isDebugged && (
        <div className={css("debug")}>
          <FrameDebug title="Input" frames={before} />
          <FrameDebug title="Output" frames={after} />
        </div>
      )}
    </section>
  );
}

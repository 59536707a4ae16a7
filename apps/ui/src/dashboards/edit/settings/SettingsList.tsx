import { ActionIcon, Button, Group, Text, Tooltip } from "@mantine/core";
import { isObject, type JsonObject, patchDashboard, valueAtPath } from "@narthex/dashboards";
import {
  IconArrowDown,
  IconArrowLeft,
  IconArrowUp,
  IconCopy,
  IconGripVertical,
  IconPlus,
  IconTrash,
} from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { EmptyMessage } from "../../../shell/StatusMessage.tsx";
import { classesOf } from "../../../shell/style-sheet.ts";
import { useDashboardEdit } from "../../draft/edit-context.ts";
import { itemMoved } from "../list-order.ts";
import styles from "./SettingsList.module.css";

const css = classesOf(styles);

/**
 * Replaces a list entry that is not an object, for example from an imported file. The user can still move or remove the
 * entry.
 */
const UNREADABLE: JsonObject = {};

/**
 * Properties of a list of settings, for example of variables. `path` is the path of the list in the dashboard's JSON.
 */
export interface SettingsListProps {
  /** Noun for one item, used in the texts of buttons: `variable`. */
  readonly noun: string;
  readonly path: readonly string[];
  readonly empty: ReactNode;
  readonly make: (items: readonly JsonObject[]) => JsonObject;
  readonly copy?: (item: JsonObject, items: readonly JsonObject[]) => JsonObject;
  readonly nameOf: (item: JsonObject) => string;
  readonly detailOf: (item: JsonObject) => string;
  /** Reports whether an item cannot be moved or removed. */
  readonly isFixed?: (item: JsonObject) => boolean;
  readonly renderForm: (index: number, item: JsonObject) => ReactNode;
}

/**
 * A list of settings, with buttons to add, edit, move, copy and remove them. The user can also drag an item to another
 * position.
 */
export function SettingsList(props: SettingsListProps) {
  const { noun, path, empty, make, nameOf, renderForm } = props;
  const { draft, change } = useDashboardEdit();
  const [open, setOpen] = useState<number>();
  const found = valueAtPath(draft.json, path);
  const list: readonly unknown[] = Array.isArray(found) ? found : [];
  const items = list.map((item) => (isObject(item) ? item : UNREADABLE));
  const replace = (name: string, next: readonly unknown[]): void =>
    change(name, (json) => patchDashboard(json, [{ path: [...path], value: next }]));
  const item = open === undefined ? undefined : items[open];
  if (open !== undefined && item !== undefined) {
    return (
      <>
        <Group mb="md" gap="sm">
          <Button
            size="xs"
            variant="default"
            leftSection={<IconArrowLeft size={15} aria-hidden />}
            onClick={() => setOpen(undefined)}
          >
            All {noun}s
          </Button>
          <Text fw={600}>{nameOf(item)}</Text>
        </Group>
        {renderForm(open, item)}
      </>
    );
  }
  const add = (): void => {
    replace(`Add a ${noun}`, [...list, make(items)]);
    setOpen(items.length);
  };
  return (
    <>
      {items.length === 0 ? (
        <EmptyMessage title={`There are no ${noun}s yet`}>{empty}</EmptyMessage>
      ) : (
        <Items {...props} list={list} items={items} onReplace={replace} onOpen={setOpen} />
      )}
      <Group mt="md" justify={items.length === 0 ? "center" : "flex-start"}>
        <Button size="xs" leftSection={<IconPlus size={15} aria-hidden />} onClick={add}>
          Add {noun}
        </Button>
      </Group>
    </>
  );
}

interface ItemsProps extends SettingsListProps {
  readonly list: readonly unknown[];
  readonly items: readonly JsonObject[];
  readonly onReplace: (name: string, items: readonly unknown[]) => void;
  readonly onOpen: (index: number) => void;
}

function Items(props: ItemsProps) {
  const { noun, list, items, copy, nameOf, detailOf, isFixed, onReplace, onOpen } = props;
  const [dragged, setDragged] = useState<number>();
  const move = (from: number, to: number): void =>
    onReplace(`Move ${noun} ${nameOf(items[from]!)}`, itemMoved(list, from, to));
  return (
    <ul className={css("list")} aria-label={`${noun}s`}>
      {items.map((item, i) => (
        <li
          key={`${i} ${nameOf(item)}`}
          className={css("item")}
          data-dragged={dragged === i || undefined}
          onDragOver={(event) => {
            if (dragged !== undefined) event.preventDefault();
          }}
          onDrop={() => {
            if (dragged !== undefined && dragged !== i) move(dragged, i);
            setDragged(undefined);
          }}
        >
          <span
            className={css("grip")}
            draggable
            aria-hidden
            onDragStart={() => setDragged(i)}
            onDragEnd={() => setDragged(undefined)}
          >
            <IconGripVertical size={16} />
          </span>
          <button type="button" className={css("name")} onClick={() => onOpen(i)}>
            {nameOf(item)}
          </button>
          <span className={css("detail")}>{detailOf(item)}</span>
          <ItemButtons
            name={nameOf(item)}
            isFirst={i === 0}
            isLast={i === items.length - 1}
            onUp={() => move(i, i - 1)}
            onDown={() => move(i, i + 1)}
            {...(copy === undefined
              ? {}
              : {
                  onCopy: () =>
                    onReplace(`Duplicate ${noun} ${nameOf(item)}`, list.toSpliced(i + 1, 0, copy(item, items))),
                })}
            {...(isFixed?.(item) === true
              ? {}
              : { onRemove: () => onReplace(`Remove ${noun} ${nameOf(item)}`, list.toSpliced(i, 1)) })}
          />
        </li>
      ))}
    </ul>
  );
}

function ItemButtons(props: {
  name: string;
  isFirst: boolean;
  isLast: boolean;
  onUp: () => void;
  onDown: () => void;
  onCopy?: () => void;
  onRemove?: () => void;
}) {
  const { name, isFirst, isLast, onUp, onDown, onCopy, onRemove } = props;
  return (
    <Group gap={2} wrap="nowrap">
      <ItemButton label={`Move ${name} up`} isOff={isFirst} icon={<IconArrowUp size={15} />} onClick={onUp} />
      <ItemButton label={`Move ${name} down`} isOff={isLast} icon={<IconArrowDown size={15} />} onClick={onDown} />
      {onCopy !== undefined && (
        <ItemButton label={`Duplicate ${name}`} isOff={false} icon={<IconCopy size={15} />} onClick={onCopy} />
      )}
      {onRemove !== undefined && (
        <ItemButton label={`Remove ${name}`} isOff={false} icon={<IconTrash size={15} />} onClick={onRemove} />
      )}
    </Group>
  );
}

function ItemButton({
  label,
  isOff,
  icon,
  onClick,
}: {
  label: string;
  isOff: boolean;
  icon: ReactNode;
  onClick: () => void;
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} disabled={isOff} onClick={onClick}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

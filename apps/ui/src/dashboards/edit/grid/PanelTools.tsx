import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import type { Panel } from "@narthex/dashboards";
import {
  IconClipboardCopy,
  IconCopy,
  IconDotsVertical,
  IconGripVertical,
  IconPencil,
  IconTrash,
} from "@tabler/icons-react";
import { useState } from "react";
import type { DOMAttributes } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { useDashboardEdit } from "../../draft/edit-context.ts";
import { useOpenPanelEditor } from "../open-panel-editor.ts";
import { copyPanel } from "../../draft/copied-panel.ts";
import { withoutPanel, withoutSection, withPanelDuplicated } from "../../draft/panel-changes.ts";
import { whenLoaded } from "../../../shell/when-loaded.tsx";
import styles from "./PanelTools.module.css";

const css = classesOf(styles);

const RowModal = whenLoaded(() => import("./RowModal.tsx"), null);

interface PanelToolsProps extends DOMAttributes<HTMLButtonElement> {
  readonly panel: Panel;
  readonly name: string;
  readonly canArrange: boolean;
}

/** The buttons of a panel or row in edit mode. The properties `hold` are passed to the drag handle. */
export function PanelTools({ panel, name, canArrange, ...hold }: PanelToolsProps) {
  const [isRowOpen, setRowOpen] = useState(false);
  const openEditor = useOpenPanelEditor();
  const isRow = panel.type === "row";
  return (
    <div className={css("tools")} role="group" aria-label={`Editing of ${name}`}>
      {canArrange && (
        <Tooltip label="Drag, or press arrow keys; with Shift they change the size">
          <ActionIcon
            variant="default"
            size={24}
            className={css("hold")}
            aria-label={`Move ${name}`}
            data-hold={panel.id}
            {...hold}
          >
            <IconGripVertical size={15} />
          </ActionIcon>
        </Tooltip>
      )}
      <ActionIcon
        variant="default"
        size={24}
        aria-label={`Edit ${name}`}
        onClick={() => (isRow ? setRowOpen(true) : openEditor(panel.id))}
      >
        <IconPencil size={15} />
      </ActionIcon>
      <PanelActions panel={panel} name={name} />
      {isRowOpen && <RowModal row={panel} onClose={() => setRowOpen(false)} />}
    </div>
  );
}

function PanelActions({ panel, name }: { panel: Panel; name: string }) {
  const { change } = useDashboardEdit();
  const isRow = panel.type === "row";
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="default" size={24} aria-label={`More for ${name}`}>
          <IconDotsVertical size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {!isRow && (
          <>
            <Menu.Item
              leftSection={<IconCopy size={15} />}
              onClick={() => change(`Duplicate ${name}`, (json) => withPanelDuplicated(json, panel.id))}
            >
              Duplicate
            </Menu.Item>
            <Menu.Item leftSection={<IconClipboardCopy size={15} />} onClick={() => copyPanel(panel.source)}>
              Copy
            </Menu.Item>
          </>
        )}
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={15} />}
          onClick={() => change(`Remove ${name}`, (json) => withoutPanel(json, panel.id))}
        >
          {isRow ? "Remove the row, keep its panels" : "Remove"}
        </Menu.Item>
        {isRow && (
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={15} />}
            onClick={() => change(`Remove ${name} with its panels`, (json) => withoutSection(json, panel.id))}
          >
            Remove the row and its panels
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

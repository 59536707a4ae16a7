import { ActionIcon, Menu } from "@mantine/core";
import {
  IconBinaryTree,
  IconCopy,
  IconDotsVertical,
  IconHistory,
  IconIndentIncrease,
  IconSearch,
  IconTrash,
} from "@tabler/icons-react";
import { useState } from "react";
import { whenLoaded } from "../shell/when-loaded.tsx";

const HistoryModal = whenLoaded(() => import("./HistoryModal.tsx"), null);
const MetricsExplorer = whenLoaded(() => import("./explorer/MetricsExplorer.tsx"), null);

export function EditorMenu({
  removable,
  showTree,
  onShowTree,
  onInsert,
  onReplace,
  onFormat,
  onDuplicate,
  onRemove,
}: {
  removable: boolean;
  /** Whether the tree of the expression is shown above its result. */
  showTree: boolean;
  /** Shows or hides the tree; undefined if the data source cannot parse expressions. */
  onShowTree?: (showTree: boolean) => void;
  onInsert: (text: string) => void;
  onReplace: (text: string) => void;
  /** Formats the expression. Undefined if the data source does not support this. */
  onFormat?: () => void;
  onDuplicate: () => void;
  onRemove: () => void;
}) {
  const [open, setOpen] = useState<"explorer" | "history" | null>(null);
  const close = (): void => setOpen(null);
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={220}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={30} m={4} aria-label="Query options">
            <IconDotsVertical size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconSearch size={16} />} onClick={() => setOpen("explorer")}>
            Explore metrics
          </Menu.Item>
          <Menu.Item leftSection={<IconHistory size={16} />} onClick={() => setOpen("history")}>
            Query history
          </Menu.Item>
          {onFormat !== undefined && (
            <Menu.Item leftSection={<IconIndentIncrease size={16} />} onClick={onFormat}>
              Format expression
            </Menu.Item>
          )}
          {onShowTree !== undefined && (
            <Menu.Item leftSection={<IconBinaryTree size={16} />} onClick={() => onShowTree(!showTree)}>
              {showTree ? "Hide tree view" : "Show tree view"}
            </Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item leftSection={<IconCopy size={16} />} onClick={onDuplicate}>
            Duplicate query
          </Menu.Item>
          <Menu.Item leftSection={<IconTrash size={16} />} color="red" disabled={!removable} onClick={onRemove}>
            Remove query
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open === "history" && (
        <HistoryModal
          onClose={close}
          onPick={(expr) => {
            onReplace(expr);
            close();
          }}
        />
      )}
      {open === "explorer" && (
        <MetricsExplorer
          onClose={close}
          onInsert={(text) => {
            onInsert(text);
            close();
          }}
        />
      )}
    </>
  );
}

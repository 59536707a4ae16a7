import { Button, Menu } from "@mantine/core";
import { IconBooks, IconChartLine, IconClipboard, IconPlus, IconRowInsertTop } from "@tabler/icons-react";
import { useState } from "react";
import { copiedPanel } from "../../draft/copied-panel.ts";
import { useAdding } from "./use-adding.ts";
import { whenLoaded } from "../../../shell/when-loaded.tsx";

const LibraryPanelModal = whenLoaded(() => import("./LibraryPanelModal.tsx"), null);

/** A menu of the items that the user can add to a dashboard, such as a panel or a row. */
export function AddMenu() {
  const { addPanel, addRow, paste } = useAdding();
  const [copied, setCopied] = useState(copiedPanel);
  const [isLibraryOpen, setLibraryOpen] = useState(false);
  return (
    <>
      <Menu position="bottom-end" withinPortal onOpen={() => setCopied(copiedPanel())}>
        <Menu.Target>
          <Button size="xs" variant="default" leftSection={<IconPlus size={15} aria-hidden />}>
            Add
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconChartLine size={16} />} onClick={addPanel}>
            Panel
          </Menu.Item>
          <Menu.Item leftSection={<IconRowInsertTop size={16} />} onClick={addRow}>
            Row
          </Menu.Item>
          <Menu.Item leftSection={<IconBooks size={16} />} onClick={() => setLibraryOpen(true)}>
            Panel from the library
          </Menu.Item>
          <Menu.Item
            leftSection={<IconClipboard size={16} />}
            disabled={copied === undefined}
            onClick={() => copied !== undefined && paste(copied)}
          >
            Paste the copied panel
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isLibraryOpen && <LibraryPanelModal onClose={() => setLibraryOpen(false)} />}
    </>
  );
}

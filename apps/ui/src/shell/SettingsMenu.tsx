import { ActionIcon, Popover, Tooltip } from "@mantine/core";
import { IconSettings } from "@tabler/icons-react";
import { useState } from "react";
import { whenLoaded } from "./when-loaded.tsx";

const SettingsForm = whenLoaded(() => import("./SettingsForm.tsx"), null);

/** Menu that contains the user's settings, which this browser stores. */
export function SettingsMenu() {
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" withArrow shadow="md" width={320} trapFocus>
      <Popover.Target>
        <Tooltip label="Settings" disabled={open}>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Settings" onClick={() => setOpen(!open)}>
            <IconSettings size={18} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label="Settings">
        <SettingsForm />
      </Popover.Dropdown>
    </Popover>
  );
}

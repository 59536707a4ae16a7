import { ActionIcon, Tooltip } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { controlKey } from "./keys/page-keys.ts";

/** Opens the dialog that finds pages, dashboards, metrics and documentation. */
export function FindButton({ onClick }: { onClick: () => void }) {
  return (
    <Tooltip label={`Find (${controlKey}+K)`}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Find" aria-haspopup="dialog" onClick={onClick}>
        <IconSearch size={18} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

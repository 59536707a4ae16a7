import { Button, Popover } from "@mantine/core";
import { IconShare } from "@tabler/icons-react";
import type { Panel } from "../query-link/panel.ts";
import { whenLoaded } from "../shell/when-loaded.tsx";

const ShareForm = whenLoaded(() => import("./ShareForm.tsx"), null);

/** A button that shows a link to the queries of the page. */
export function ShareButton({ panels }: { panels: readonly Panel[] }) {
  return (
    <Popover position="bottom-end" shadow="md" withinPortal trapFocus returnFocus>
      <Popover.Target>
        <Button size="xs" h={30} variant="default" leftSection={<IconShare size={15} aria-hidden />}>
          Share
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Share the queries">
        <ShareForm panels={panels} />
      </Popover.Dropdown>
    </Popover>
  );
}

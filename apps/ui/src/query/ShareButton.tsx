import { Button, Popover } from "@mantine/core";
import { IconShare } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import type { Panel } from "../query-link/panel.ts";

const ShareForm = lazy(() => import("./ShareForm.tsx"));

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
        <Suspense fallback={null}>
          <ShareForm panels={panels} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}

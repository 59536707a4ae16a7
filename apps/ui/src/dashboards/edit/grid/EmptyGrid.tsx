import { Button, Group } from "@mantine/core";
import { IconChartLine, IconClipboard } from "@tabler/icons-react";
import { EmptyMessage } from "../../../shell/StatusMessage.tsx";
import { copiedPanel } from "../../draft/copied-panel.ts";
import { useAdding } from "./use-adding.ts";

export function EmptyGrid() {
  const { addPanel, paste } = useAdding();
  const copied = copiedPanel();
  return (
    <EmptyMessage title="This dashboard has no panels yet">
      <p>A panel shows the results of queries, for example as lines over time, numbers or tables.</p>
      <Group justify="center" gap="xs">
        <Button leftSection={<IconChartLine size={16} aria-hidden />} onClick={addPanel}>
          Add a panel
        </Button>
        {copied !== undefined && (
          <Button variant="default" leftSection={<IconClipboard size={16} aria-hidden />} onClick={() => paste(copied)}>
            Paste the copied panel
          </Button>
        )}
      </Group>
    </EmptyMessage>
  );
}

import { Button, Group, Modal, Stack, Switch } from "@mantine/core";
import { useState } from "react";
import { EmptyMessage } from "../shell/StatusMessage.tsx";
import { setPreference, usePreferences } from "../shell/preferences.ts";
import { clearHistory, readHistory } from "./history.ts";
import { Pick, PickList } from "./PickList.tsx";

/** Dialog that lists expressions that were run in this browser. A click copies one into the editor. */
export default function HistoryModal({ onClose, onPick }: { onClose: () => void; onPick: (expr: string) => void }) {
  const { enableQueryHistory } = usePreferences();
  const [history, setHistory] = useState(readHistory);
  return (
    <Modal opened onClose={onClose} title="Query history" size="lg">
      <Stack gap="sm">
        <Group justify="space-between">
          <Switch
            size="sm"
            label="Keep a query history in this browser"
            checked={enableQueryHistory}
            onChange={(event) => setPreference("enableQueryHistory", event.currentTarget.checked)}
          />
          {history.length > 0 && (
            <Button
              size="compact-xs"
              variant="subtle"
              color="red"
              onClick={() => {
                clearHistory();
                setHistory([]);
              }}
            >
              Clear
            </Button>
          )}
        </Group>
        {history.length === 0 && (
          <EmptyMessage title="No queries yet">
            {enableQueryHistory
              ? "Executed expressions appear here, except plain metric names."
              : "Switch the history on to store the last 50 expressions."}
          </EmptyMessage>
        )}
        <PickList>
          {history.map((expr) => (
            <Pick key={expr} onClick={() => onPick(expr)}>
              <code>{expr}</code>
            </Pick>
          ))}
        </PickList>
      </Stack>
    </Modal>
  );
}

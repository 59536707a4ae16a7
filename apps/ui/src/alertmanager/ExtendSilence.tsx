import { Button, Menu } from "@mantine/core";
import { IconClockPlus } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { alertmanager, silencesKey } from "../api/alertmanager.ts";
import type { Silence } from "../api/alertmanager.ts";
import { parseDuration } from "../format/duration.ts";
import { showNotification } from "../shell/Notifications.tsx";
import { ForEditors } from "../shell/ForEditors.tsx";
import { errorSentence } from "../shell/StatusMessage.tsx";

const steps = ["1h", "4h", "1d", "1w"];

/** Moves the end of a silence. The silence keeps its id, because only its end changes. */
export function ExtendSilence({ silence }: { silence: Silence }) {
  const client = useQueryClient();
  const extend = useMutation({
    mutationFn: async (step: string) => {
      // Loads the current silence from the server. The page may show an older version, and saving that version would
      // undo a change of another user.
      const { status: _status, updatedAt: _updatedAt, ...kept } = await alertmanager.silence(silence.id);
      const endsAt = new Date(Date.parse(kept.endsAt) + parseDuration(step)!).toISOString();
      return alertmanager.saveSilence({ ...kept, endsAt });
    },
    onError: (error) => showNotification({ color: "red", title: "Extending failed", message: errorSentence(error) }),
    onSettled: () => void client.invalidateQueries({ queryKey: silencesKey }),
  });
  return (
    <Menu position="bottom-end">
      <ForEditors>
        {(disabled) => (
          <Menu.Target>
            <Button
              size="compact-sm"
              variant="light"
              leftSection={<IconClockPlus size={14} aria-hidden />}
              disabled={disabled}
              loading={extend.isPending}
            >
              Extend
            </Button>
          </Menu.Target>
        )}
      </ForEditors>
      <Menu.Dropdown>
        {steps.map((step) => (
          <Menu.Item key={step} onClick={() => extend.mutate(step)}>
            by {step}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

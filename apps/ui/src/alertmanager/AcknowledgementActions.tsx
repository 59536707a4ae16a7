import { Group } from "@mantine/core";
import { IconUserCheck, IconUserMinus } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { use, useState } from "react";
import { alertGroupsKey } from "../api/alertmanager.ts";
import type { ManagedAlert } from "../api/alertmanager.ts";
import { showNotification } from "../shell/Notifications.tsx";
import { errorSentence } from "../shell/StatusMessage.tsx";
import { EditorButton } from "../shell/EditorButton.tsx";
import { ManagerContext } from "./manager-place.tsx";
import { AcknowledgeModal } from "./AcknowledgeModal.tsx";

/** Links that acknowledge an alert, or withdraw the acknowledgement of an alert. */
export function AcknowledgementActions({ alert }: { alert: ManagedAlert }) {
  const client = useQueryClient();
  const { api } = use(ManagerContext);
  const [isFormShown, setFormShown] = useState(false);
  const withdraw = useMutation({
    mutationFn: () => api.withdrawAcknowledgement(alert.fingerprint),
    onError: (error) => showNotification({ color: "red", title: "Withdrawing failed", message: errorSentence(error) }),
    onSettled: () => client.invalidateQueries({ queryKey: alertGroupsKey }),
  });
  if (alert.acknowledgement !== undefined) {
    return (
      <EditorButton
        size="compact-xs"
        variant="subtle"
        leftSection={<IconUserMinus size={12} aria-hidden />}
        disabled={withdraw.isPending}
        onClick={() => withdraw.mutate()}
      >
        Withdraw
      </EditorButton>
    );
  }
  return (
    <>
      <EditorButton
        size="compact-xs"
        variant="subtle"
        leftSection={<IconUserCheck size={12} aria-hidden />}
        onClick={() => setFormShown(true)}
      >
        Acknowledge
      </EditorButton>
      {isFormShown && <AcknowledgeModal alerts={[alert]} onClose={() => setFormShown(false)} />}
    </>
  );
}

/**
 * A link that acknowledges all alerts of a group that are not yet acknowledged. The link is shown if there are several
 * such alerts.
 */
export function AcknowledgeGroup({ alerts }: { alerts: readonly ManagedAlert[] }) {
  // The alerts for the form, stored when the form opens, because the list changes while the alerts are acknowledged.
  const [chosen, setChosen] = useState<readonly ManagedAlert[]>([]);
  const open = alerts.filter(({ acknowledgement }) => acknowledgement === undefined);
  return (
    <>
      {open.length > 1 && (
        <Group justify="flex-end" px="md" pt={4}>
          <EditorButton
            size="compact-xs"
            variant="subtle"
            leftSection={<IconUserCheck size={12} aria-hidden />}
            onClick={() => setChosen(open)}
          >
            Acknowledge {open.length} alerts
          </EditorButton>
        </Group>
      )}
      {chosen.length > 0 && <AcknowledgeModal alerts={chosen} onClose={() => setChosen([])} />}
    </>
  );
}

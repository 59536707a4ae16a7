import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { use, useState } from "react";
import { alertGroupsKey } from "../api/alertmanager.ts";
import type { ManagedAlert } from "../api/alertmanager.ts";
import { ErrorMessage } from "../shell/StatusMessage.tsx";
import { ManagerContext } from "./manager-place.tsx";
import { keepAuthor, useAuthor } from "./author.ts";

/** Maximum lengths of the name and the comment, in characters. The server has the same limits. */
const longestName = 200;
const longestComment = 1000;

interface AcknowledgeModalProps {
  readonly alerts: readonly ManagedAlert[];
  readonly onClose: () => void;
}

const nameOf = ([first, ...others]: readonly ManagedAlert[]): string =>
  others.length === 0 ? (first?.labels["alertname"] ?? "this alert") : `${others.length + 1} alerts`;

/** Asks for a name and a comment, and acknowledges alerts one after the other. */
export function AcknowledgeModal({ alerts, onClose }: AcknowledgeModalProps) {
  const client = useQueryClient();
  const { api } = use(ManagerContext);
  const knownName = useAuthor() ?? "";
  const [createdBy, setCreatedBy] = useState(knownName);
  const [comment, setComment] = useState("");
  const [tried, setTried] = useState(false);
  const acknowledge = useMutation({
    mutationFn: async () => {
      const request = { createdBy: createdBy.trim(), comment: comment.trim() };
      for (const { fingerprint } of alerts) await api.acknowledge(fingerprint, request);
    },
    onSuccess: async () => {
      keepAuthor(createdBy.trim());
      await client.invalidateQueries({ queryKey: alertGroupsKey });
      onClose();
    },
    // Loads the alerts again, because another person may have acknowledged the same alert.
    onError: () => client.invalidateQueries({ queryKey: alertGroupsKey }),
  });
  const isNameMissing = createdBy.trim() === "";
  return (
    <Modal opened onClose={onClose} title={`Acknowledge ${nameOf(alerts)}`}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (!isNameMissing) acknowledge.mutate();
        }}
      >
        <Stack gap="sm">
          <Text size="sm" c="dimmed">
            {alerts.length === 1
              ? "Others see that you work on the alert, until it resolves. Notifications are still sent."
              : "Others see that you work on each alert, until it resolves. Notifications are still sent."}
          </Text>
          <TextInput
            label="Your name"
            description="If you are signed in, the name of your account is used"
            required
            data-autofocus={knownName === "" ? true : undefined}
            maxLength={longestName}
            value={createdBy}
            error={tried && isNameMissing ? "Enter your name" : false}
            onChange={(event) => setCreatedBy(event.currentTarget.value)}
          />
          <Textarea
            label="Comment"
            data-autofocus={knownName === "" ? undefined : true}
            autosize
            minRows={2}
            maxLength={longestComment}
            value={comment}
            onChange={(event) => setComment(event.currentTarget.value)}
          />
          {acknowledge.isError && <ErrorMessage error={acknowledge.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={acknowledge.isPending}>
              Acknowledge
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

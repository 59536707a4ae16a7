import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { prometheus, flagsQuery } from "../api/prometheus.ts";
import { showNotification } from "../shell/Notifications.tsx";
import { ConfirmModal } from "../shell/ConfirmModal.tsx";
import { errorSentence } from "../shell/StatusMessage.tsx";
import { Card, CardTitle } from "../shell/Card.tsx";

function report(title: string): { onSuccess: () => void; onError: (error: unknown) => void } {
  return {
    onSuccess: () => showNotification({ message: `${title}: done` }),
    onError: (error) => showNotification({ color: "red", title: `${title} failed`, message: errorSentence(error) }),
  };
}

/** Form for deleting series and reclaiming disk space. Shown only if the admin API is enabled. */
export function SeriesAdmin() {
  const flags = useQuery(flagsQuery);
  const enabled = flags.data?.data["web.enable-admin-api"] === "true";
  const [matcher, setMatcher] = useState("");
  const [start, setStart] = useState("");
  const [end, setEnd] = useState("");
  const [confirming, setConfirming] = useState(false);
  const remove = useMutation({
    mutationFn: () => prometheus.deleteSeries([matcher], start || undefined, end || undefined),
    ...report("Deleting series"),
  });
  const clean = useMutation({ mutationFn: () => prometheus.cleanTombstones(), ...report("Cleaning tombstones") });

  return (
    <Card mt="md">
      <CardTitle>Delete series</CardTitle>
      <Stack p="sm" gap="sm">
        <Text size="sm" c="dimmed">
          {enabled
            ? "Marks the samples of a selector as deleted. Cleaning tombstones then frees their space."
            : "Start the server with --web.enable-admin-api to delete series here."}
        </Text>
        <Group align="flex-end" gap="sm">
          <TextInput
            label="Selector"
            placeholder='up{job="node"}'
            disabled={!enabled}
            value={matcher}
            className="grow"
            onChange={(event) => setMatcher(event.currentTarget.value)}
          />
          <TextInput
            label="From"
            placeholder="all (RFC 3339 or Unix seconds)"
            disabled={!enabled}
            value={start}
            onChange={(event) => setStart(event.currentTarget.value)}
          />
          <TextInput
            label="To"
            placeholder="all"
            disabled={!enabled}
            value={end}
            onChange={(event) => setEnd(event.currentTarget.value)}
          />
          <Button color="red" disabled={!enabled || matcher.trim() === ""} onClick={() => setConfirming(true)}>
            Delete series
          </Button>
          <Button variant="default" disabled={!enabled} loading={clean.isPending} onClick={() => clean.mutate()}>
            Clean tombstones
          </Button>
        </Group>
      </Stack>
      {confirming && (
        <ConfirmModal
          title="Delete series?"
          action="Delete"
          onConfirm={() => remove.mutate()}
          onClose={() => setConfirming(false)}
        >
          The samples of <code>{matcher}</code> will no longer be found. This cannot be undone.
        </ConfirmModal>
      )}
    </Card>
  );
}

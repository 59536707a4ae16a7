import { Badge, Group, Text } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { alertmanager, type Receiver, receiversQuery } from "../../api/alertmanager.ts";
import type { ReceiverSetup, StoredReceiver } from "../../api/receiver-setup.ts";
import { AdminButton } from "../../shell/AdminButton.tsx";
import { Card, CardItem } from "../../shell/Card.tsx";
import { EditorButton } from "../../shell/EditorButton.tsx";
import { ErrorMessage, LoadingMessage } from "../../shell/StatusMessage.tsx";
import { integrationText } from "../integration-text.ts";
import { ReceiverActions } from "./ReceiverActions.tsx";
import { TestResults } from "./TestResults.tsx";

interface ItemProps {
  readonly receiver: Receiver;
  readonly stored: StoredReceiver | undefined;
  readonly setup: ReceiverSetup | undefined;
  readonly isNarthex: boolean;
  readonly onOpen: () => void;
}

/** A receiver with its integrations, and buttons that test and change it. */
function ReceiverItem({ receiver: { name, integrations }, stored, setup, isNarthex, onOpen }: ItemProps) {
  const test = useMutation({ mutationFn: () => alertmanager.testReceiver(name) });
  const isSilent = integrations?.length === 0;
  return (
    <CardItem>
      <Group justify="space-between" gap="sm">
        <Text size="sm" fw={500} className="wrap-anywhere">
          {name}
          {stored?.isDefault === true && (
            <Badge component="span" size="sm" variant="light" ml="xs">
              Default
            </Badge>
          )}
        </Text>
        <Group gap="xs">
          {isNarthex && !isSilent && (
            <EditorButton
              size="compact-sm"
              variant="light"
              leftSection={<IconSend size={14} aria-hidden />}
              loading={test.isPending}
              aria-label={`Send a test to ${name}`}
              onClick={() => test.mutate()}
            >
              Send a test
            </EditorButton>
          )}
          {isNarthex && isSilent && (
            <AdminButton
              size="compact-sm"
              aria-label={`Set up ${name}`}
              disabled={setup === undefined}
              onClick={onOpen}
            >
              Set up
            </AdminButton>
          )}
          {setup?.isOn === true && stored !== undefined && (
            <ReceiverActions receiver={stored} tag={setup.tag} onChange={isSilent ? undefined : onOpen} />
          )}
        </Group>
      </Group>
      <Text size="xs" c="dimmed" className="wrap-anywhere">
        {isNarthex && integrations === undefined && "No route names this receiver."}
        {integrations?.map(integrationText).join(", ")}
        {isSilent && "It notifies nobody: the receiver has no integrations."}
      </Text>
      {test.isError && <ErrorMessage error={test.error} title="The test was not sent" />}
      {test.data !== undefined && <TestResults results={test.data.results} integrations={integrations ?? []} />}
    </CardItem>
  );
}

/** The receivers of the configuration. */
export function ReceiversCard({
  setup,
  onOpen,
}: {
  /** The receivers of the file; undefined if they are not known. */
  setup: ReceiverSetup | undefined;
  /** Opens the form of a receiver. */
  onOpen: (name: string) => void;
}) {
  const result = useQuery(receiversQuery);
  // The original Alertmanager neither lists integrations nor sends tests.
  const isNarthex = result.data?.some(({ integrations }) => integrations !== undefined) === true;
  const stored = setup?.isOn === true ? setup.receivers : [];
  return (
    <Card component="section" aria-label="Receivers">
      {result.isPending && <LoadingMessage label="Loading receivers" />}
      {result.isError && <ErrorMessage error={result.error} onRetry={() => void result.refetch()} />}
      {result.data?.map((receiver) => (
        <ReceiverItem
          key={receiver.name}
          receiver={receiver}
          stored={stored.find(({ name }) => name === receiver.name)}
          setup={setup}
          isNarthex={isNarthex}
          onOpen={() => onOpen(receiver.name)}
        />
      ))}
    </Card>
  );
}

import { Group, List, Text } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { alertmanager, receiversQuery } from "../api/alertmanager.ts";
import type { Integration, Receiver, TestResult } from "../api/alertmanager.ts";
import { Card, CardItem, CardTitle } from "../shell/Card.tsx";
import { EditorButton } from "../shell/EditorButton.tsx";
import { ErrorMessage, LoadingMessage } from "../shell/StatusMessage.tsx";
import { integrationText } from "./integration-text.ts";
import { ReceiverInstructions } from "./NobodyNotified.tsx";

function TestResults({
  results,
  integrations,
}: {
  results: readonly TestResult[];
  integrations: readonly Integration[];
}) {
  const known = ({ name, index }: Integration): Integration | undefined =>
    integrations.find((one) => one.name === name && one.index === index);
  return (
    <List size="xs" role="status" aria-label="Results of the test">
      {results.map(({ integration, outcome, reason }) => (
        <List.Item key={`${integration.name} ${integration.index}`} className="wrap-anywhere">
          <Text span inherit c={outcome === "sent" ? "fennel" : "red"}>
            {integrationText(known(integration) ?? integration)}:{" "}
            {outcome === "sent" ? "sent" : `not sent: ${reason ?? outcome}`}
          </Text>
        </List.Item>
      ))}
    </List>
  );
}

/** A receiver with its integrations, and a button that sends a test notification through all of them. */
function ReceiverItem({ receiver: { name, integrations }, isNarthex }: { receiver: Receiver; isNarthex: boolean }) {
  const test = useMutation({ mutationFn: () => alertmanager.testReceiver(name) });
  const isSilent = integrations?.length === 0;
  return (
    <CardItem>
      <Group justify="space-between" gap="sm">
        <Text size="sm" fw={500} className="wrap-anywhere">
          {name}
        </Text>
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
      </Group>
      <Text size="xs" c="dimmed" className="wrap-anywhere">
        {isNarthex && integrations === undefined && "No route names this receiver."}
        {integrations?.map(integrationText).join(", ")}
        {isSilent && (
          <>
            It notifies nobody: the receiver has no integrations. <ReceiverInstructions />
          </>
        )}
      </Text>
      {test.isError && <ErrorMessage error={test.error} title="The test was not sent" />}
      {test.data !== undefined && <TestResults results={test.data.results} integrations={integrations ?? []} />}
    </CardItem>
  );
}

/** The receivers of the configuration. */
export function ReceiversCard() {
  const result = useQuery(receiversQuery);
  // The original Alertmanager neither lists integrations nor sends tests.
  const isNarthex = result.data?.some(({ integrations }) => integrations !== undefined) === true;
  return (
    <Card component="section" aria-label="Receivers">
      <CardTitle>Receivers</CardTitle>
      {result.isPending && <LoadingMessage label="Loading receivers" />}
      {result.isError && <ErrorMessage error={result.error} onRetry={() => void result.refetch()} />}
      {result.data?.map((receiver) => (
        <ReceiverItem key={receiver.name} receiver={receiver} isNarthex={isNarthex} />
      ))}
    </Card>
  );
}

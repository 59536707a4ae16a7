import { List, Text } from "@mantine/core";
import type { Integration, TestResult } from "../../api/alertmanager.ts";
import { integrationText } from "../integration-text.ts";

/** The outcome of a test, for each integration. */
export function TestResults({
  results,
  integrations = [],
}: {
  results: readonly TestResult[];
  /** The integrations with their targets, if they are known. */
  integrations?: readonly Integration[];
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

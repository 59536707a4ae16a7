import { Badge, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import type { RuleFinding } from "../api/narthex.ts";
import { type CheckedRule, NEVER_SELECTED } from "./rule-findings.ts";

const COLORS: Readonly<Record<RuleFinding["severity"], string>> = { error: "red", warning: "orange", info: "gray" };

/** Shows the findings of a rule, what it costs, and whether it has never selected a series. */
export function RuleFindingList({ findings, cost }: CheckedRule) {
  const isNeverSelected = findings.some(({ check }) => check === NEVER_SELECTED);
  return (
    <Stack gap={4} mt={4}>
      {(isNeverSelected || cost !== undefined) && (
        <Group gap="xs">
          {isNeverSelected && (
            <Badge color="orange" variant="light">
              never selected a series
            </Badge>
          )}
          {cost !== undefined && (
            <Text size="xs" c="dimmed">
              selects {cost.series} series, reads {cost.samples} samples
            </Text>
          )}
        </Group>
      )}
      {findings.map((finding, index) => (
        <Finding key={index} finding={finding} />
      ))}
    </Stack>
  );
}

function Finding({ finding }: { finding: RuleFinding }) {
  const { check, severity, file, line, column, message, remedy } = finding;
  const Icon = severity === "info" ? IconInfoCircle : IconAlertTriangle;
  return (
    <Group gap={6} wrap="nowrap" align="flex-start">
      <Icon
        size={16}
        style={{ flexShrink: 0 }}
        color={`var(--mantine-color-${COLORS[severity]}-6)`}
        aria-label={severity}
      />
      <Text size="sm" className="wrap-anywhere" title={line > 0 ? `${file}:${line}:${column}` : file}>
        {message}.{" "}
        <Text span c="dimmed">
          Remedy: {remedy}. ({check}
          {line > 0 ? `, line ${line}` : ""})
        </Text>
      </Text>
    </Group>
  );
}

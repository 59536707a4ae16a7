import { Group, Text, Tooltip } from "@mantine/core";
import { IconHourglass, IconRefresh, IconRepeat } from "@tabler/icons-react";
import { humanizeDuration } from "../format/duration.ts";
import { formatInstantWithZone, formatRelative, parseApiTime } from "../format/instant.ts";
import { usePreferences } from "../shell/preferences.ts";

/** When something was evaluated last, how long it took and, for a group, how often it happens. Seconds. */
export function EvaluationFacts({
  lastEvaluation,
  evaluationTime,
  interval,
  now,
}: {
  lastEvaluation: string;
  evaluationTime: number;
  interval?: number;
  now: number;
}) {
  const { useLocalTime } = usePreferences();
  const at = parseApiTime(lastEvaluation);
  return (
    <Group gap="sm" className="evaluation-facts">
      <Tooltip label={at === null ? "Not evaluated yet" : `Last evaluation ${formatInstantWithZone(at, useLocalTime)}`}>
        <span>
          <IconRefresh size={13} aria-hidden /> {formatRelative(at, now)}
        </span>
      </Tooltip>
      <Tooltip label="Duration of the last evaluation">
        <span>
          <IconHourglass size={13} aria-hidden /> {humanizeDuration(evaluationTime * 1000)}
        </span>
      </Tooltip>
      {interval !== undefined && (
        <Tooltip label="Evaluation interval">
          <span>
            <IconRepeat size={13} aria-hidden /> every {humanizeDuration(interval * 1000)}
          </span>
        </Tooltip>
      )}
    </Group>
  );
}

/** Name of a group and the file that it stands in. */
export function GroupName({ name, file }: { name: string; file: string }) {
  return (
    <>
      <Text component="span" fw={620}>
        {name}
      </Text>
      <Text component="span" size="xs" c="dimmed" className="wrap-anywhere group-file">
        {file}
      </Text>
    </>
  );
}

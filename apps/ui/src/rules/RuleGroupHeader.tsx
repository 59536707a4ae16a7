import { RelativeTime } from "../shell/RelativeTime.tsx";
import { Group, Text } from "@mantine/core";
import { IconHourglass, IconRefresh, IconRepeat } from "@tabler/icons-react";
import { humanizeDuration } from "../format/duration.ts";
import { formatInstantWithZone, parseApiTime } from "../format/instant.ts";
import { useTimeZone } from "../shell/time-zone.ts";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./RuleGroupHeader.module.css";

const css = classesOf(styles);

/** Shows time and duration of the last evaluation and, for a group, the interval. Durations are in seconds. */
export function EvaluationTimes({
  lastEvaluation,
  evaluationTime,
  interval,
}: {
  lastEvaluation: string;
  evaluationTime: number;
  interval?: number;
}) {
  const zone = useTimeZone();
  const at = parseApiTime(lastEvaluation);
  return (
    <Group gap="sm" className={css("times")}>
      <span title={at === null ? "Not evaluated yet" : `Last evaluation ${formatInstantWithZone(at, zone)}`}>
        <IconRefresh size={13} aria-hidden /> <RelativeTime unixMs={at} />
      </span>
      <span title="Duration of the last evaluation">
        <IconHourglass size={13} aria-hidden /> {humanizeDuration(evaluationTime * 1000)}
      </span>
      {interval !== undefined && (
        <span title="Evaluation interval">
          <IconRepeat size={13} aria-hidden /> every {humanizeDuration(interval * 1000)}
        </span>
      )}
    </Group>
  );
}

/** Shows the name of a rule group and of its file. */
export function GroupName({ name, file }: { name: string; file: string }) {
  return (
    <>
      <Text component="span" fw={620}>
        {name}
      </Text>
      <Text component="span" size="xs" c="dimmed" className={`wrap-anywhere ${css("file")}`}>
        {file}
      </Text>
    </>
  );
}

import { Badge, Text, Tooltip } from "@mantine/core";
import type { ManagedAlert } from "../api/alertmanager.ts";
import { formatInstantWithZone, parseApiTime } from "../format/instant.ts";
import { RelativeTime } from "../shell/RelativeTime.tsx";
import { useTimeZone } from "../shell/time-zone.ts";

/** Marks an alert that a person has acknowledged. */
export function AcknowledgementBadge({ alert: { acknowledgement } }: { alert: ManagedAlert }) {
  if (acknowledgement === undefined) return null;
  return (
    <Badge color="blue" variant="light">
      acknowledged
    </Badge>
  );
}

/** Shows who has acknowledged an alert, since when, and the comment. */
export function AcknowledgementNote({ alert: { acknowledgement } }: { alert: ManagedAlert }) {
  const zone = useTimeZone();
  if (acknowledgement === undefined) return null;
  const { createdBy, comment, createdAt } = acknowledgement;
  const at = parseApiTime(createdAt);
  return (
    <Text size="sm" mt={4} className="wrap-anywhere">
      Acknowledged by{" "}
      <Text span fw={600} inherit>
        {createdBy}
      </Text>{" "}
      <Tooltip label={at === null ? "" : formatInstantWithZone(at, zone)}>
        <Text span c="dimmed" inherit>
          <RelativeTime unixMs={at} />
        </Text>
      </Tooltip>
      {comment !== "" && `: ${comment}`}
    </Text>
  );
}

import { Button, Stack, Switch, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { homePath, rootPath } from "../api/root-path.ts";
import { shortenAddress } from "../api/short-address.ts";
import type { Panel } from "../query-link/panel.ts";
import { encodePanels } from "../query-link/panel-link.ts";
import { CopyField } from "../shell/CopyField.tsx";
import { shownTimeZone } from "../shell/time-zone.ts";
import { firstDayOfWeek } from "../shell/week-start.ts";
import { nowMs } from "../time/browser-clock.ts";
import { spanAt } from "../time/raw-range.ts";
import { rangeBetween } from "../time/time-range.ts";

/** Returns panels whose time ranges do not move with the time. */
const withFixedTimes = (panels: readonly Panel[], now: number): readonly Panel[] =>
  panels.map((panel) => {
    const { from, to } = spanAt(panel, { now, zone: shownTimeZone(panel.zone), weekStart: firstDayOfWeek() });
    return { ...panel, ...rangeBetween(from / 1000, to / 1000) };
  });

/** Shows a link to queries, with their current times or with ranges that move on. */
export default function ShareForm({ panels }: { panels: readonly Panel[] }) {
  const [now] = useState(nowMs);
  const [isFixed, setFixed] = useState(true);
  const path = `${rootPath}/query?${encodePanels(isFixed ? withFixedTimes(panels, now) : panels)}`;
  const shorten = useMutation({ mutationFn: () => shortenAddress(path.slice((homePath ?? "").length + 1)) });
  return (
    <Stack gap="sm" w={320}>
      <Switch
        size="xs"
        label="Keep the current times"
        description="Without this, “last hour” is the hour before the link is opened."
        checked={isFixed}
        onChange={({ currentTarget }) => {
          shorten.reset();
          setFixed(currentTarget.checked);
        }}
      />
      <CopyField label="Link" value={`${location.origin}${path}`} />
      {shorten.data !== undefined && <CopyField label="Short link" value={shorten.data} />}
      {shorten.error !== null && (
        <Text size="sm" c="red" role="alert">
          {shorten.error.message}
        </Text>
      )}
      {homePath !== undefined && shorten.data === undefined && (
        <Button size="xs" variant="default" loading={shorten.isPending} onClick={() => shorten.mutate()}>
          Make a short link
        </Button>
      )}
    </Stack>
  );
}

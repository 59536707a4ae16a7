import { ActionIcon, Popover, Stack, Text, Tooltip } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { apiRoot, prometheus } from "../api/prometheus.ts";
import type { ServerNotification } from "../api/prometheus.ts";
import { formatInstantWithZone } from "../format/instant.ts";
import { pageSettings } from "./page-settings.ts";
import { classesOf } from "./style-sheet.ts";
import { useTimeZone } from "./time-zone.ts";
import styles from "./NotificationBell.module.css";

const css = classesOf(styles);

/** The list after one more notification: each text once, an inactive one takes its text away. */
export function withNotification(
  notifications: readonly ServerNotification[],
  notification: ServerNotification,
): readonly ServerNotification[] {
  const others = notifications.filter((old) => old.text !== notification.text);
  return notification.active ? [...others, notification] : others;
}

/** Notifications as the server sends them; polls where it offers no stream. */
function useServerNotifications(): readonly ServerNotification[] {
  const [streamed, setStreamed] = useState<readonly ServerNotification[]>([]);
  // A proxy would hold a place for as long as the stream is open.
  const [polling, setPolling] = useState(pageSettings.api !== "");
  useEffect(() => {
    if (pageSettings.api !== "") return;
    const source = new EventSource(`${apiRoot}/notifications/live`);
    source.addEventListener("message", (event: MessageEvent<string>) => {
      const notification = JSON.parse(event.data) as ServerNotification;
      setStreamed((old) => withNotification(old, notification));
    });
    source.addEventListener("error", () => {
      // Closed for good: no such endpoint, or too many readers. A dropped connection reconnects by itself.
      if (source.readyState === EventSource.CLOSED) setPolling(true);
    });
    return () => source.close();
  }, []);
  const polled = useQuery({
    queryKey: ["notifications"],
    queryFn: ({ signal }) => prometheus.notifications(signal),
    enabled: polling,
    refetchInterval: (query) => (query.state.status === "error" ? false : 10_000),
  });
  return polling ? (polled.data?.data ?? []).filter((notification) => notification.active) : streamed;
}

/** What the server says about its own state, such as a reload that failed. */
export function NotificationBell() {
  const notifications = useServerNotifications();
  const zone = useTimeZone();
  const label =
    notifications.length === 0
      ? "No notifications"
      : `${notifications.length} ${notifications.length === 1 ? "notification" : "notifications"}`;
  return (
    <Popover position="bottom-end" withArrow shadow="md" width={340}>
      <Popover.Target>
        <Tooltip label={label}>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} className={css("bell")}>
            <IconBell size={18} />
            {notifications.length > 0 && (
              <span className={css("count")} aria-hidden>
                {notifications.length}
              </span>
            )}
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label="Notifications">
        <Stack gap="sm">
          {notifications.length === 0 && (
            <Text size="sm" c="dimmed">
              Nothing to report.
            </Text>
          )}
          {notifications.map((notification) => (
            <div key={notification.text}>
              <Text size="sm">{notification.text}</Text>
              <Text size="xs" c="dimmed">
                {formatInstantWithZone(Math.floor(Date.parse(notification.date) / 1000) * 1000, zone)}
              </Text>
            </div>
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

import { ActionIcon, Popover, Stack, Text, Tooltip } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { apiRoot, prometheus } from "../api/prometheus.ts";
import type { ServerNotification } from "../api/prometheus.ts";
import { formatInstantWithZone } from "../format/instant.ts";
import { pageSettings } from "../api/page-settings.ts";
import { classesOf } from "./style-sheet.ts";
import { useTimeZone } from "./time-zone.ts";
import styles from "./NotificationBell.module.css";

const css = classesOf(styles);

/**
 * Returns the list of notifications after a new one was received. Texts are unique; an inactive notification removes
 * its text from the list.
 */
export function withNotification(
  notifications: readonly ServerNotification[],
  notification: ServerNotification,
): readonly ServerNotification[] {
  const others = notifications.filter((old) => old.text !== notification.text);
  return notification.active ? [...others, notification] : others;
}

/** Returns the notifications from the server's event stream. Without a stream, polls the server. */
function useServerNotifications(): readonly ServerNotification[] {
  const [streamed, setStreamed] = useState<readonly ServerNotification[]>([]);
  // Whether to poll instead of using the event stream. If the pages are shown through another server's proxy, an open
  // stream would occupy a connection.
  const [polling, setPolling] = useState(pageSettings.api !== "");
  useEffect(() => {
    if (pageSettings.api !== "") return;
    const source = new EventSource(`${apiRoot}/notifications/live`);
    source.addEventListener("message", (event: MessageEvent<string>) => {
      const notification = JSON.parse(event.data) as ServerNotification;
      setStreamed((old) => withNotification(old, notification));
    });
    source.addEventListener("error", () => {
      // A closed stream means that the endpoint does not exist or has too many readers. After a dropped connection, the
      // browser reconnects automatically.
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

/** Button that shows the server's notifications about its own state, such as a failed reload. */
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

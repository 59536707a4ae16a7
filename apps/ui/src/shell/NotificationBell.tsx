import { ActionIcon, Popover, Stack, Text, Tooltip } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { apiRoot, prometheus } from "../api/prometheus.ts";
import { ApiError } from "../api/request.ts";
import type { ServerNotification } from "../api/prometheus.ts";
import { formatInstantWithZone } from "../format/instant.ts";
import { pageSettings } from "../api/page-settings.ts";
import { errorSentence } from "./StatusMessage.tsx";
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

interface KnownNotifications {
  readonly notifications: readonly ServerNotification[];
  /** Why the list is unknown or may be out of date; undefined if the list is complete. */
  readonly problem: string | undefined;
}

const FAILED = "Notifications could not be loaded";

/** Returns the notifications from the server's event stream. Without a stream, polls the server. */
function useServerNotifications(): KnownNotifications {
  const [streamed, setStreamed] = useState<readonly ServerNotification[]>([]);
  const [isConnected, setConnected] = useState(true);
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
    source.addEventListener("open", () => setConnected(true));
    source.addEventListener("error", () => {
      setConnected(false);
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
    refetchInterval: (query) => (isAbsent(query.state.error) ? false : 10_000),
  });
  if (!polling) return { notifications: streamed, problem: isConnected ? undefined : FAILED };
  return {
    notifications: (polled.data?.data ?? []).filter((notification) => notification.active),
    problem: polled.isError && !isAbsent(polled.error) ? `${FAILED}: ${errorSentence(polled.error)}` : undefined,
  };
}

/** Reports whether an error means that the server has no notifications at all, as older versions of Prometheus. */
const isAbsent = (error: Error | null): boolean => error instanceof ApiError && error.status === 404;

/** Button that shows the server's notifications about its own state, such as a failed reload. */
export function NotificationBell() {
  const { notifications, problem } = useServerNotifications();
  const zone = useTimeZone();
  const count = `${notifications.length} ${notifications.length === 1 ? "notification" : "notifications"}`;
  const label = notifications.length === 0 ? (problem === undefined ? "No notifications" : FAILED) : count;
  return (
    <Popover position="bottom-end" withArrow shadow="md" width={340}>
      <Popover.Target>
        <Tooltip label={label}>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} className={css("bell")}>
            <IconBell size={18} />
            {(notifications.length > 0 || problem !== undefined) && (
              <span className={css("count")} aria-hidden>
                {notifications.length === 0 ? "?" : notifications.length}
              </span>
            )}
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label="Notifications">
        <Stack gap="sm">
          {problem !== undefined && (
            <Text size="sm" c="red">
              {problem}
            </Text>
          )}
          {notifications.length === 0 && problem === undefined && (
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

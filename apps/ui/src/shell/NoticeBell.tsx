import { ActionIcon, Indicator, Popover, Stack, Text, Tooltip } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { apiRoot, prometheus } from "../api/prometheus.ts";
import type { Notice } from "../api/prometheus.ts";
import { formatInstantWithZone } from "../format/instant.ts";
import { usePreferences } from "./preferences.ts";

/** The list after one more notice: each text once, an inactive one takes its text away. */
export function withNotice(notices: readonly Notice[], notice: Notice): readonly Notice[] {
  const others = notices.filter((old) => old.text !== notice.text);
  return notice.active ? [...others, notice] : others;
}

/** Notices as the server sends them; polls where it offers no stream. */
function useNotices(): readonly Notice[] {
  const [streamed, setStreamed] = useState<readonly Notice[]>([]);
  const [polling, setPolling] = useState(false);
  useEffect(() => {
    const source = new EventSource(`${apiRoot}/notifications/live`);
    source.addEventListener("message", (event: MessageEvent<string>) => {
      const notice = JSON.parse(event.data) as Notice;
      setStreamed((old) => withNotice(old, notice));
    });
    source.addEventListener("error", () => {
      // Closed for good: no such endpoint, or too many readers. A dropped connection reconnects by itself.
      if (source.readyState === EventSource.CLOSED) setPolling(true);
    });
    return () => source.close();
  }, []);
  const polled = useQuery({
    queryKey: ["notices"],
    queryFn: ({ signal }) => prometheus.notices(signal),
    enabled: polling,
    refetchInterval: (query) => (query.state.status === "error" ? false : 10_000),
  });
  return polling ? (polled.data?.data ?? []).filter((notice) => notice.active) : streamed;
}

/** What the server says about its own state, such as a reload that failed. */
export function NoticeBell() {
  const notices = useNotices();
  const { useLocalTime } = usePreferences();
  const label =
    notices.length === 0
      ? "No notifications"
      : `${notices.length} ${notices.length === 1 ? "notification" : "notifications"}`;
  return (
    <Popover position="bottom-end" withArrow shadow="md" width={340}>
      <Popover.Target>
        <Tooltip label={label}>
          <Indicator disabled={notices.length === 0} label={notices.length} size={16} color="red" offset={6}>
            <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label}>
              <IconBell size={18} />
            </ActionIcon>
          </Indicator>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          {notices.length === 0 && (
            <Text size="sm" c="dimmed">
              Nothing to report.
            </Text>
          )}
          {notices.map((notice) => (
            <div key={notice.text}>
              <Text size="sm">{notice.text}</Text>
              <Text size="xs" c="dimmed">
                {formatInstantWithZone(Math.floor(Date.parse(notice.date) / 1000) * 1000, useLocalTime)}
              </Text>
            </div>
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

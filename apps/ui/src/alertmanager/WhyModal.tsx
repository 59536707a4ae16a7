import { List, Modal, Stack, Text, Title } from "@mantine/core";
import { use } from "react";
import type { AlertReasons } from "../api/alertmanager.ts";
import { formatInstantWithZone, parseApiTime } from "../format/instant.ts";
import { RelativeTime } from "../shell/RelativeTime.tsx";
import { ErrorMessage, LoadingMessage } from "../shell/StatusMessage.tsx";
import { useTimeZone } from "../shell/time-zone.ts";
import { useRefreshedQuery } from "../time/refresh-context.ts";
import { ManagerContext } from "./manager-place.tsx";
import { NotificationItem } from "./NotificationItem.tsx";

const apiTime = /(?:\bat )?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;

/** Shows a sentence of the server with relative times. Tooltips show the absolute times. */
function SentenceWithTimes({ sentence }: { sentence: string }) {
  const zone = useTimeZone();
  return sentence.split(apiTime).map((part, index) => {
    const unixMs = index % 2 === 1 ? parseApiTime(part) : null;
    if (unixMs === null) return part;
    return (
      <time key={index} dateTime={part} title={formatInstantWithZone(unixMs, zone)}>
        <RelativeTime unixMs={unixMs} />
      </time>
    );
  });
}

function Reasons({ reasons }: { reasons: AlertReasons }) {
  const notifications = reasons.routes.flatMap(({ integrations }) =>
    integrations.flatMap((each) => each.notifications),
  );
  return (
    <Stack gap="md">
      <List size="sm" spacing={6} className="wrap-anywhere">
        {reasons.sentences.map((sentence) => (
          <List.Item key={sentence}>
            <SentenceWithTimes sentence={sentence} />
          </List.Item>
        ))}
      </List>
      {notifications.length > 0 && (
        <section>
          <Title order={3} size="h6" mb={4}>
            Notifications
          </Title>
          {notifications.map((record) => (
            <NotificationItem key={record.id} record={record} />
          ))}
        </section>
      )}
      {reasons.refusals.length > 0 && (
        <details>
          <summary>
            <Text span size="sm">
              Routes that did not match the alert ({reasons.refusals.length})
            </Text>
          </summary>
          <List size="sm" mt={6} spacing={4} className="wrap-anywhere">
            {reasons.refusals.map((sentence) => (
              <List.Item key={sentence}>
                <SentenceWithTimes sentence={sentence} />
              </List.Item>
            ))}
          </List>
        </details>
      )}
    </Stack>
  );
}

/** Shows which receivers were notified of an alert, when and with which result, or why it is suppressed. */
export function WhyModal({ fingerprint, title, onClose }: { fingerprint: string; title: string; onClose: () => void }) {
  const { api } = use(ManagerContext);
  const result = useRefreshedQuery({
    queryKey: ["why", fingerprint],
    queryFn: ({ signal }) => api.why(fingerprint, signal),
    refetchInterval: 5000,
  });
  return (
    <Modal opened onClose={onClose} title={`Who was notified of ${title}, and why`} size="xl">
      {result.isPending && <LoadingMessage label="Asking" />}
      {result.isError && <ErrorMessage error={result.error} onRetry={() => void result.refetch()} />}
      {result.data !== undefined && <Reasons reasons={result.data} />}
    </Modal>
  );
}

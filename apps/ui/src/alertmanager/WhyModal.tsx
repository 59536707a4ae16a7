import { List, Modal, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { alertmanager } from "../api/alertmanager.ts";
import type { AlertReasons } from "../api/alertmanager.ts";
import { ErrorRemark, LoadingRemark } from "../shell/Remark.tsx";
import { NotificationItem } from "./NotificationItem.tsx";

function Reasons({ reasons }: { reasons: AlertReasons }) {
  const notifications = reasons.routes.flatMap(({ integrations }) =>
    integrations.flatMap((each) => each.notifications),
  );
  return (
    <Stack gap="md">
      <List size="sm" spacing={6} className="wrap-anywhere">
        {reasons.sentences.map((sentence) => (
          <List.Item key={sentence}>{sentence}</List.Item>
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
              Routes that did not take it ({reasons.refusals.length})
            </Text>
          </summary>
          <List size="sm" mt={6} spacing={4} className="wrap-anywhere">
            {reasons.refusals.map((sentence) => (
              <List.Item key={sentence}>{sentence}</List.Item>
            ))}
          </List>
        </details>
      )}
    </Stack>
  );
}

/** Says who was told of an alert, when and how it ended, or what keeps it back. */
export function WhyModal({ fingerprint, title, onClose }: { fingerprint: string; title: string; onClose: () => void }) {
  const result = useQuery({
    queryKey: ["why", fingerprint],
    queryFn: ({ signal }) => alertmanager.why(fingerprint, signal),
    refetchInterval: 5000,
  });
  return (
    <Modal opened onClose={onClose} title={`Who was told of ${title}, and why`} size="xl">
      {result.isPending && <LoadingRemark label="Asking" />}
      {result.isError && <ErrorRemark error={result.error} onRetry={() => void result.refetch()} />}
      {result.data !== undefined && <Reasons reasons={result.data} />}
    </Modal>
  );
}

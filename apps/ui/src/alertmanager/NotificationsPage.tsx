import { Group, SegmentedControl, Select, Stack } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate } from "react-router";
import { alertmanager, receiversQuery, notifiesNobody } from "../api/alertmanager.ts";
import { VirtualList } from "../shell/VirtualList.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { EmptyMessage, ErrorMessage, LoadingMessage } from "../shell/StatusMessage.tsx";
import { useRefreshedQuery } from "../time/refresh-context.ts";
import { MatcherBar } from "./MatcherBar.tsx";
import { NO_INTEGRATIONS, NobodyNotified } from "./NobodyNotified.tsx";
import { NotificationItem } from "./NotificationItem.tsx";
import { formatMatcher, formatMatchers, parseMatchers } from "./matcher-filter.ts";
import { Card } from "../shell/Card.tsx";

const refreshMs = 10_000;
const outcomes = [
  { value: "", label: "All" },
  { value: "sent", label: "Sent" },
  { value: "failed", label: "Failed" },
  { value: "sending", label: "Sending" },
];

export default function NotificationsPage() {
  const { search } = useLocation();
  const navigate = useNavigate();
  const params = new URLSearchParams(search);
  const matchers = parseMatchers(params.get("filter") ?? "") ?? [];
  const [receiver, outcome] = [params.get("receiver") ?? "", params.get("outcome") ?? ""];
  const change = (name: string, value: string): void => {
    if (value === "") params.delete(name);
    else params.set(name, value);
    void navigate({ pathname: "/notifications", search: `?${params}` });
  };
  const receivers = useQuery(receiversQuery);
  const result = useRefreshedQuery({
    queryKey: ["notifications", search],
    queryFn: ({ signal }) => {
      const given = (text: string): string | undefined => (text === "" ? undefined : text);
      const filter = matchers.map(formatMatcher);
      return alertmanager.notifications({ filter, receiver: given(receiver), outcome: given(outcome) }, signal);
    },
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <PageHeader title="Notifications" />
      <Card p="sm" mb="sm">
        <Stack gap="sm">
          <Group align="flex-start" gap="sm">
            <MatcherBar
              label="Filter notifications"
              matchers={matchers}
              onChange={(next) => change("filter", formatMatchers(next))}
            />
            <Select
              aria-label="Receiver"
              placeholder="All receivers"
              searchable
              clearable
              data={(receivers.data ?? []).map(({ name }) => name)}
              value={receiver === "" ? null : receiver}
              onChange={(name) => change("receiver", name ?? "")}
              w={{ base: "100%", sm: 200 }}
            />
          </Group>
          <SegmentedControl
            aria-label="Outcome"
            size="xs"
            data={outcomes}
            value={outcome}
            onChange={(value) => change("outcome", value)}
            style={{ alignSelf: "flex-start" }}
          />
        </Stack>
      </Card>
      {receivers.data !== undefined && notifiesNobody(receivers.data) && <NobodyNotified reason={NO_INTEGRATIONS} />}
      {result.isPending && <LoadingMessage label="Loading notifications" />}
      {result.isError && <ErrorMessage error={result.error} onRetry={() => void result.refetch()} />}
      {result.data?.length === 0 && !result.isError && (
        <EmptyMessage title="No notifications">
          {search === "" ? "No notification has been sent yet." : "No notification matches the filter."}
        </EmptyMessage>
      )}
      {result.data !== undefined && result.data.length > 0 && (
        <Card>
          <VirtualList
            items={result.data}
            keyOf={({ id }) => id}
            render={(record) => <NotificationItem record={record} />}
          />
        </Card>
      )}
    </>
  );
}

import {
  Alert,
  Anchor,
  Button,
  Checkbox,
  Group,
  NativeSelect,
  Select,
  Stack,
  Switch,
  TagsInput,
  Text,
} from "@mantine/core";
import { IconBellOff } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { alertGroupsKey, alertmanager, receiversQuery, withAcknowledgements } from "../api/alertmanager.ts";
import type { AlertGroup } from "../api/alertmanager.ts";
import type { Params } from "../api/request.ts";
import { VirtualList } from "../shell/VirtualList.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { EmptyMessage, ErrorMessage, LoadingMessage } from "../shell/StatusMessage.tsx";
import { ruleAlertsAddress } from "../shell/stack-pages.ts";
import { readStored, writeStored } from "../shell/preferences.ts";
import { useToggleSet } from "../shell/use-toggle-set.ts";
import { useRefreshedQuery } from "../time/refresh-context.ts";
import { AlertGroupCard } from "./AlertGroupCard.tsx";
import { MatcherBar } from "./MatcherBar.tsx";
import { decodeAlertView, encodeAlertView, groupAlerts } from "./alert-view.ts";
import type { AlertView } from "./alert-view.ts";
import { countStates, groupOrders, sortGroups, summarizeGroup } from "./group-summary.ts";
import type { AlertState, GroupOrder, GroupSummary } from "./group-summary.ts";
import { formatMatcher } from "./matcher-filter.ts";
import type { Matcher } from "./matcher-filter.ts";
import { silenceLink } from "./silence-links.ts";
import { Card } from "../shell/Card.tsx";

/**
 * Loads the alerts that match the view's matchers and receiver. The server does not filter by state, because the page
 * also shows the number of hidden alerts.
 */
async function loadGroups(view: AlertView, signal: AbortSignal): Promise<AlertGroup[]> {
  const params: Params = {
    filter: view.matchers.map(formatMatcher),
    receiver: view.receiver === "" ? undefined : view.receiver,
  };
  if (view.customGrouping)
    return groupAlerts(await alertmanager.alerts({ ...params, ...withAcknowledgements }, signal), view.group);
  return alertmanager.alertGroups(params, signal);
}

function Filters({
  view,
  counts,
  onChange,
}: {
  view: AlertView;
  /** Number of alerts in each state; undefined until they are loaded. */
  counts: Readonly<Record<AlertState, number>> | undefined;
  onChange: (change: Partial<AlertView>) => void;
}) {
  const receivers = useQuery(receiversQuery);
  const names = (receivers.data ?? []).map((receiver) => receiver.name);
  const known = view.receiver === "" || names.includes(view.receiver) ? names : [...names, view.receiver];
  const box = (name: AlertState, label: string) => (
    <Checkbox
      size="sm"
      label={counts === undefined ? label : `${label} (${counts[name]})`}
      checked={view[name]}
      onChange={(event) => onChange({ [name]: event.currentTarget.checked })}
    />
  );
  return (
    <Card p="sm" mb="sm">
      <Stack gap="sm">
        <Group align="flex-start" gap="sm">
          <MatcherBar
            label="Filter alerts"
            matchers={view.matchers}
            onChange={(matchers) => onChange({ matchers })}
            action={
              view.matchers.length > 0 && (
                <Button
                  variant="light"
                  component={Link}
                  to={silenceLink(view.matchers)}
                  leftSection={<IconBellOff size={16} aria-hidden />}
                >
                  Silence
                </Button>
              )
            }
          />
          <Select
            aria-label="Receiver"
            placeholder="All receivers"
            searchable
            clearable
            data={known}
            value={view.receiver === "" ? null : view.receiver}
            onChange={(receiver) => onChange({ receiver: receiver ?? "" })}
            w={{ base: "100%", sm: 200 }}
          />
        </Group>
        <Group gap="md">
          {box("active", "Active")}
          {box("silenced", "Silenced")}
          {box("inhibited", "Inhibited")}
          {box("muted", "Muted")}
          <Switch
            size="sm"
            label="Custom grouping"
            checked={view.customGrouping}
            onChange={(event) => onChange({ customGrouping: event.currentTarget.checked })}
          />
          {view.customGrouping && (
            <TagsInput
              aria-label="Labels to group by"
              placeholder="Label, then Enter"
              size="xs"
              value={[...view.group]}
              onChange={(group) => onChange({ group })}
              className="grow"
            />
          )}
        </Group>
        {view.badFilter !== null && (
          <Alert color="red" variant="light" py="xs" title="The filter in this link is invalid">
            <code className="wrap-anywhere">{view.badFilter}</code>
          </Alert>
        )}
      </Stack>
    </Card>
  );
}

const keyOf = ({ receiver, labels }: AlertGroup): string => `${receiver?.name ?? ""} ${JSON.stringify(labels)}`;

const orderNames: Readonly<Record<GroupOrder, string>> = {
  severity: "Severity, newest first",
  newest: "Newest first",
  oldest: "Oldest first",
  labels: "Labels",
};

function countText(groups: readonly GroupSummary[], hiddenCount: number): string {
  const count = groups.reduce((sum, { shown }) => sum + shown.length, 0);
  const words = `${count} ${count === 1 ? "alert" : "alerts"} in ${groups.length} ${groups.length === 1 ? "group" : "groups"}`;
  return hiddenCount === 0 ? words : `${words} · ${hiddenCount} hidden`;
}

function Groups({
  groups,
  hiddenCount,
  order,
  onOrder,
  onMatcher,
}: {
  groups: readonly GroupSummary[];
  hiddenCount: number;
  order: GroupOrder;
  onOrder: (order: GroupOrder) => void;
  onMatcher: (matcher: Matcher) => void;
}) {
  // Names of the groups that the user has opened or closed, so that they differ from the page's setting for all groups.
  const differing = useToggleSet();
  const [all, setAll] = useState(() => readStored("groupExpandAll", false));
  const isOpen = (key: string): boolean => (groups.length === 1 || all) !== differing.has(key);
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        <Text size="sm" c="dimmed">
          {countText(groups, hiddenCount)}
        </Text>
        <Group gap="xs">
          <NativeSelect
            size="xs"
            aria-label="Order of groups"
            data={groupOrders.map((value) => ({ value, label: orderNames[value] }))}
            value={order}
            onChange={(event) => onOrder(event.currentTarget.value as GroupOrder)}
          />
          <Button
            size="compact-sm"
            variant="subtle"
            disabled={groups.length === 1}
            onClick={() => {
              writeStored("groupExpandAll", !all);
              setAll(!all);
              differing.set([]);
            }}
          >
            {all ? "Collapse all groups" : "Expand all groups"}
          </Button>
        </Group>
      </Group>
      <VirtualList
        items={groups}
        keyOf={({ group }) => keyOf(group)}
        render={(summary) => (
          <AlertGroupCard
            summary={summary}
            open={isOpen(keyOf(summary.group))}
            onToggle={() => differing.toggle(keyOf(summary.group))}
            onMatcher={onMatcher}
          />
        )}
      />
    </Stack>
  );
}

function NoGroups({ view, hiddenCount, onShowAll }: { view: AlertView; hiddenCount: number; onShowAll: () => void }) {
  const reason =
    hiddenCount > 0
      ? `${hiddenCount} ${hiddenCount === 1 ? "alert is" : "alerts are"} hidden by the state filter.`
      : view.matchers.length > 0
        ? "No alert matches the filter."
        : "Nothing is firing at the moment.";
  return (
    <EmptyMessage title="No alert groups found">
      {reason}
      {hiddenCount > 0 && (
        <Button mt="xs" size="compact-sm" variant="light" display="block" mx="auto" onClick={onShowAll}>
          Show them
        </Button>
      )}
    </EmptyMessage>
  );
}

/** The alerts of the Alertmanager, grouped by its routes or by labels that the user chooses. */
export default function AlertsPage() {
  const { search } = useLocation();
  const navigate = useNavigate();
  const view = useMemo(() => decodeAlertView(search), [search]);
  const change = (part: Partial<AlertView>): void =>
    void navigate({ pathname: "/alerts", search: `?${encodeAlertView({ ...view, badFilter: null, ...part })}` });
  const add = (matcher: Matcher): void => {
    const known = view.matchers.some((old) => formatMatcher(old) === formatMatcher(matcher));
    if (!known) change({ matchers: [...view.matchers, matcher] });
  };
  const { matchers, receiver, customGrouping, group } = view;
  const result = useRefreshedQuery({
    queryKey: [...alertGroupsKey, matchers, receiver, customGrouping && group],
    queryFn: ({ signal }) => loadGroups(view, signal),
    placeholderData: keepPreviousData,
  });
  const loaded = result.data;
  const counts = useMemo(() => (loaded === undefined ? undefined : countStates(loaded)), [loaded]);
  const summaries = useMemo(() => (loaded ?? []).map((each) => summarizeGroup(each, view)), [loaded, view]);
  const groups = useMemo(
    () =>
      sortGroups(
        summaries.filter(({ shown }) => shown.length > 0),
        view.order,
      ),
    [summaries, view.order],
  );
  const hiddenCount = summaries.reduce((sum, each) => sum + each.hiddenCount, 0);
  const rules = ruleAlertsAddress();
  return (
    <>
      <PageHeader title="Alert groups">
        {rules !== undefined && (
          <Anchor size="sm" href={rules}>
            Alerts of the server&apos;s rules
          </Anchor>
        )}
      </PageHeader>
      <Filters view={view} counts={counts} onChange={change} />
      {result.isError && (
        <ErrorMessage
          error={result.error}
          {...(loaded !== undefined && { title: "Refresh failed: this is older data" })}
          onRetry={() => void result.refetch()}
        />
      )}
      {result.isPending && <LoadingMessage label="Loading alerts" />}
      {loaded !== undefined && groups.length === 0 && (hiddenCount > 0 || !result.isError) && (
        <NoGroups
          view={view}
          hiddenCount={hiddenCount}
          onShowAll={() => change({ active: true, silenced: true, inhibited: true, muted: true })}
        />
      )}
      {groups.length > 0 && (
        <Groups
          groups={groups}
          hiddenCount={hiddenCount}
          order={view.order}
          onOrder={(order) => change({ order })}
          onMatcher={add}
        />
      )}
    </>
  );
}

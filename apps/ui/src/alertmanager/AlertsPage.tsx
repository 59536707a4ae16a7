import { Alert, Button, Checkbox, Group, Paper, Select, Stack, Switch, TagsInput, Text } from "@mantine/core";
import { IconBellOff } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { alertmanager } from "../api/alertmanager.ts";
import type { AlertGroup } from "../api/alertmanager.ts";
import type { Params } from "../api/request.ts";
import { Foldable } from "../shell/Foldable.tsx";
import { GradualList } from "../shell/GradualList.tsx";
import { Labels } from "../shell/Labels.tsx";
import { PageHead } from "../shell/PageHead.tsx";
import { EmptyRemark, ErrorRemark, LoadingRemark } from "../shell/Remark.tsx";
import { readStored, writeStored } from "../shell/preferences.ts";
import { useToggleSet } from "../shell/use-toggle-set.ts";
import { AlertItem } from "./AlertItem.tsx";
import { MatcherBar } from "./MatcherBar.tsx";
import { decodeAlertView, encodeAlertView, groupAlerts } from "./alert-view.ts";
import type { AlertView } from "./alert-view.ts";
import { formatMatcher } from "./matcher-filter.ts";
import type { Matcher } from "./matcher-filter.ts";
import { silenceLink } from "./silence-links.ts";

const refreshMs = 15_000;

async function loadGroups(view: AlertView, signal: AbortSignal): Promise<AlertGroup[]> {
  const params: Params = {
    filter: view.matchers.map(formatMatcher),
    silenced: String(view.silenced),
    inhibited: String(view.inhibited),
    muted: String(view.muted),
    active: String(view.active),
    receiver: view.receiver === "" ? undefined : view.receiver,
  };
  if (view.customGrouping) return groupAlerts(await alertmanager.alerts(params, signal), view.group);
  return (await alertmanager.alertGroups(params, signal)).filter((group) => group.alerts.length > 0);
}

function Filters({ view, onChange }: { view: AlertView; onChange: (change: Partial<AlertView>) => void }) {
  const receivers = useQuery({ queryKey: ["receivers"], queryFn: ({ signal }) => alertmanager.receivers(signal) });
  const names = (receivers.data ?? []).map((receiver) => receiver.name);
  const known = view.receiver === "" || names.includes(view.receiver) ? names : [...names, view.receiver];
  const box = (name: "active" | "silenced" | "inhibited" | "muted", label: string) => (
    <Checkbox
      size="sm"
      label={label}
      checked={view[name]}
      onChange={(event) => onChange({ [name]: event.currentTarget.checked })}
    />
  );
  return (
    <Paper withBorder className="card" p="sm" mb="sm">
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
          <Alert color="red" variant="light" py="xs" title="The filter of this link cannot be read">
            <code className="wrap-anywhere">{view.badFilter}</code>
          </Alert>
        )}
      </Stack>
    </Paper>
  );
}

const keyOf = (group: AlertGroup): string => `${group.receiver?.name ?? ""} ${JSON.stringify(group.labels)}`;

function Groups({ groups, onMatcher }: { groups: readonly AlertGroup[]; onMatcher: (matcher: Matcher) => void }) {
  // Names the groups that differ from the common state, which "expand all" sets.
  const differing = useToggleSet();
  const [all, setAll] = useState(() => readStored("groupExpandAll", false));
  const isOpen = (key: string): boolean => (groups.length === 1 || all) !== differing.has(key);
  const count = groups.reduce((sum, group) => sum + group.alerts.length, 0);
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {count} {count === 1 ? "alert" : "alerts"} in {groups.length} {groups.length === 1 ? "group" : "groups"}
        </Text>
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
      <GradualList
        items={groups}
        keyOf={keyOf}
        render={(group) => (
          <Foldable
            title={
              <Group gap="xs">
                {Object.keys(group.labels).length === 0 ? (
                  <Text size="sm">Not grouped</Text>
                ) : (
                  <Labels labels={group.labels} />
                )}
                {Object.keys(group.routeLabels ?? {}).length > 0 && (
                  <span className="route-labels">
                    <Labels labels={group.routeLabels ?? {}} />
                  </span>
                )}
              </Group>
            }
            summary={`${group.receiver === null ? "" : `${group.receiver.name} · `}${group.alerts.length} ${group.alerts.length === 1 ? "alert" : "alerts"}`}
            accent={group.alerts.some((alert) => alert.status.state === "active") ? "red" : "gray"}
            open={isOpen(keyOf(group))}
            onToggle={() => differing.toggle(keyOf(group))}
          >
            <GradualList
              items={group.alerts}
              keyOf={(alert) => alert.fingerprint}
              render={(alert) => <AlertItem alert={alert} onMatcher={onMatcher} />}
            />
          </Foldable>
        )}
      />
    </Stack>
  );
}

/** The alerts that the alert manager holds, grouped as its routes group them or by labels of choice. */
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
  const result = useQuery({
    queryKey: ["alert-groups", search],
    queryFn: ({ signal }) => loadGroups(view, signal),
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <PageHead title="Alerts" />
      <Filters view={view} onChange={change} />
      {result.isError && <ErrorRemark error={result.error} onRetry={() => void result.refetch()} />}
      {result.isPending && <LoadingRemark label="Loading alerts" />}
      {result.data !== undefined && result.data.length === 0 && (
        <EmptyRemark title="No alert groups found">
          {view.matchers.length > 0 ? "No alert passes the filter." : "Nothing is firing at the moment."}
        </EmptyRemark>
      )}
      {result.data !== undefined && result.data.length > 0 && <Groups groups={result.data} onMatcher={add} />}
    </>
  );
}

import { Anchor, Group, Pill, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { use, useMemo, useState } from "react";
import { ManagerContext, ManagerLink, type ManagerPlace } from "../alertmanager/manager-place.tsx";
import { NO_INTEGRATIONS, NobodyNotified } from "../alertmanager/NobodyNotified.tsx";
import { prometheus } from "../api/prometheus.ts";
import type { AlertState, AlertingRule, RuleGroup } from "../api/rule-data.ts";
import { PagedGroups } from "../rules/PagedGroups.tsx";
import { GroupName } from "../rules/RuleGroupHeader.tsx";
import { alertStates, filterRules } from "../rules/rule-filter.ts";
import type { FilteredGroup } from "../rules/rule-filter.ts";
import { webAddress } from "../shell/alert-links.ts";
import { Loaded } from "../shell/Loaded.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { SearchInput } from "../shell/SearchInput.tsx";
import { StateBadge } from "../shell/StateBadge.tsx";
import { StateFilter } from "../shell/StateFilter.tsx";
import { ErrorMessage } from "../shell/StatusMessage.tsx";
import { usePreferences } from "../shell/preferences.ts";
import { countStates } from "../shell/state-counts.ts";
import { useUrlChoices, useUrlText } from "../shell/url-state.ts";
import { useToggleSet } from "../shell/use-toggle-set.ts";
import { useRefreshedQuery } from "../time/refresh-context.ts";
import { AlertRuleCard } from "./AlertRuleCard.tsx";
import { Card } from "../shell/Card.tsx";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./AlertsPage.module.css";
import { SilenceRules } from "./SilenceRules.tsx";
import { Toolbar } from "../shell/Toolbar.tsx";
import { ManagedAlertsContext, stackManager, useManagedAlerts } from "./use-managed-alerts.ts";

const css = classesOf(styles);

const isActive = ({ state }: AlertingRule): boolean => state === "firing" || state === "pending";

function StateCounts({ rules }: { rules: readonly AlertingRule[] }) {
  const counts = countStates(
    alertStates,
    rules.map(({ state }) => state),
  );
  return (
    <Group gap={6}>
      {rules.length > 1 && (
        <SilenceRules names={rules.filter(isActive).map(({ name }) => name)} isActive={rules.some(isActive)} />
      )}
      {alertStates
        .filter((state) => counts[state] > 0)
        .map((state) => (
          <StateBadge key={state} state={state} count={counts[state]} />
        ))}
    </Group>
  );
}

/** The cards that the user has opened or closed, so that they differ from the state in which they appear. */
interface Differing extends ReturnType<typeof useToggleSet> {
  /** Whether cards of active rules are open at first, because a link leads to them. */
  readonly opensActive: boolean;
}

function GroupSection({ filtered, cards }: { filtered: FilteredGroup<AlertingRule>; cards: Differing }) {
  const { group, rules } = filtered;
  const keyOf = (rule: AlertingRule, index: number): string => `${group.file};${group.name};${rule.name};${index}`;
  return (
    <Card role="group" aria-label={`Group ${group.name}`}>
      <Group justify="space-between" className={css("head")} gap="xs">
        <span>
          <GroupName name={group.name} file={group.file} />
        </span>
        <StateCounts rules={group.rules} />
      </Group>
      <Stack gap={6} p="xs">
        {rules.length === 0 && (
          <Text size="sm" c="dimmed" px="xs">
            No alerting rule of this group matches the filter.
          </Text>
        )}
        {rules.map((rule, index) => {
          const key = keyOf(rule, group.rules.indexOf(rule));
          return (
            <AlertRuleCard
              key={`${key} ${index}`}
              rule={rule}
              open={cards.has(key) !== (cards.opensActive && isActive(rule))}
              onToggle={() => cards.toggle(key)}
            />
          );
        })}
      </Stack>
    </Card>
  );
}

interface View {
  readonly search: string;
  readonly states: readonly AlertState[];
  /** Name of the receiver whose alerts are shown; empty for all alerts. */
  readonly receiver: string;
}

function Groups({ groups, view }: { groups: ReadonlyArray<RuleGroup<AlertingRule>>; view: View }) {
  const { search, states, receiver } = view;
  const [opensActive] = useState(search !== "" || receiver !== "");
  const cards = { ...useToggleSet(), opensActive };
  const managed = use(ManagedAlertsContext);
  const { alertGroupsPerPage } = usePreferences();
  const filtered = useMemo(() => {
    const isFor = ({ alerts }: AlertingRule): boolean =>
      (alerts ?? []).some((alert) => managed?.find(alert)?.receivers.some(({ name }) => name === receiver));
    return filterRules(
      groups,
      search,
      (rule) => (states.length === 0 || states.includes(rule.state)) && (receiver === "" || isFor(rule)),
    );
  }, [groups, search, states, receiver, managed]);
  return (
    <PagedGroups
      groups={filtered}
      pageSize={alertGroupsPerPage}
      storageKey="alertsPage.showEmptyGroups"
      emptyTitle="No alerting rules configured"
      render={(one) => <GroupSection key={`${one.group.file};${one.group.name}`} filtered={one} cards={cards} />}
    />
  );
}

/** Returns the address of the pages of an Alertmanager to which the server sends alerts. */
const pagesAt = (url: string): string | undefined => webAddress(url.replace(/api\/v2\/alerts$/, ""));

/**
 * Shows a banner if alerts lead to no notification: the server has no Alertmanager, or the receivers have no
 * integrations. A server outside of a stack gets links to its Alertmanagers, whose pages show silences and notifications.
 */
function Destinations({ isShared, notifiesNobody }: { isShared: boolean; notifiesNobody: boolean }) {
  const { data } = useQuery({
    queryKey: ["alertmanagers"],
    queryFn: ({ signal }) => prometheus.alertmanagers(signal),
  });
  const known = data?.data.activeAlertmanagers;
  if (known?.length === 0) return <NobodyNotified reason="The server sends alerts to no Alertmanager." />;
  if (notifiesNobody) return <NobodyNotified reason={NO_INTEGRATIONS} />;
  const pages = isShared ? [] : (known ?? []).flatMap(({ url }) => pagesAt(url) ?? []);
  if (pages.length === 0) return null;
  return (
    <Text size="sm" c="dimmed" mb="sm">
      Silences and notifications:{" "}
      {pages.map((page) => (
        <Anchor key={page} inherit underline="always" href={page} target="_blank" rel="noreferrer" mr="xs">
          {page}
        </Anchor>
      ))}
    </Text>
  );
}

const ownManager = stackManager();

/**
 * All alerting rules by group, with their states and active alerts. In a stack, each alert also shows its silences and
 * its notifications.
 */
export default function AlertsPage({ manager = ownManager }: { manager?: ManagerPlace | undefined }) {
  const [search, setSearch] = useUrlText("search");
  const [states, setStates] = useUrlChoices("state", alertStates);
  const [receiver, setReceiver] = useUrlText("receiver");
  const result = useRefreshedQuery({
    queryKey: ["rules", "alert", "sent"],
    queryFn: ({ signal }) => prometheus.rules<AlertingRule>("alert", signal, { narthex_sent_labels: "true" }),
  });
  const { managed, notifiesNobody, error, retry } = useManagedAlerts(manager);
  const counts = useMemo(
    () =>
      countStates(
        alertStates,
        result.data?.data.groups.flatMap(({ rules }) => rules.map(({ state }) => state)),
      ),
    [result.data],
  );
  const page = (
    <>
      <PageHeader title="Alerts" toolbar={<Toolbar />}>
        {manager !== undefined && (
          <ManagerLink to="/alerts" size="sm">
            Alert groups of the Alertmanager
          </ManagerLink>
        )}
      </PageHeader>
      <Destinations isShared={manager !== undefined} notifiesNobody={notifiesNobody} />
      {error !== null && (
        <ErrorMessage error={error} title="The Alertmanager did not answer: silences may be missing" onRetry={retry} />
      )}
      <Group gap="sm" mb="sm">
        <SearchInput label="Filter by rule name or labels" value={search} onChange={setSearch} />
        <StateFilter
          label="Filter by state"
          states={alertStates}
          chosen={states}
          counts={counts}
          onChange={setStates}
        />
        {receiver !== "" && (
          <Pill withRemoveButton removeButtonProps={{ "aria-label": "All receivers" }} onRemove={() => setReceiver("")}>
            Receiver {receiver}
          </Pill>
        )}
      </Group>
      <Loaded result={result} label="Loading alerts">
        {({ groups }) => <Groups groups={groups} view={{ search, states, receiver }} />}
      </Loaded>
    </>
  );
  if (manager === undefined) return page;
  return (
    <ManagerContext value={manager}>
      <ManagedAlertsContext value={managed}>{page}</ManagedAlertsContext>
    </ManagerContext>
  );
}

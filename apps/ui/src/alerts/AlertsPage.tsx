import { Group, Stack, Text } from "@mantine/core";
import { useMemo } from "react";
import { prometheus } from "../api/prometheus.ts";
import type { AlertState, AlertingRule, RuleGroup } from "../api/rule-data.ts";
import { PagedGroups } from "../rules/PagedGroups.tsx";
import { GroupName } from "../rules/RuleGroupHeader.tsx";
import { alertStates, filterRules } from "../rules/rule-filter.ts";
import type { FilteredGroup } from "../rules/rule-filter.ts";
import { Loaded } from "../shell/Loaded.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { SearchInput } from "../shell/SearchInput.tsx";
import { StateBadge } from "../shell/StateBadge.tsx";
import { StateFilter } from "../shell/StateFilter.tsx";
import { usePreferences } from "../shell/preferences.ts";
import { countStates } from "../shell/state-counts.ts";
import { useUrlChoices, useUrlText } from "../shell/url-state.ts";
import { useToggleSet } from "../shell/use-toggle-set.ts";
import { useRefreshedQuery } from "../time/refresh-context.ts";
import { AlertRuleCard } from "./AlertRuleCard.tsx";
import { Card } from "../shell/Card.tsx";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./AlertsPage.module.css";
import { Toolbar } from "../shell/Toolbar.tsx";

const css = classesOf(styles);

function StateCounts({ rules }: { rules: readonly AlertingRule[] }) {
  const counts = countStates(
    alertStates,
    rules.map(({ state }) => state),
  );
  return (
    <Group gap={6}>
      {alertStates
        .filter((state) => counts[state] > 0)
        .map((state) => (
          <StateBadge key={state} state={state} count={counts[state]} />
        ))}
    </Group>
  );
}

function GroupSection({
  filtered,
  opened,
}: {
  filtered: FilteredGroup<AlertingRule>;
  opened: ReturnType<typeof useToggleSet>;
}) {
  const { group, rules } = filtered;
  const keyOf = (rule: AlertingRule, index: number): string => `${group.file};${group.name};${rule.name};${index}`;
  return (
    <Card component="section" aria-label={`Group ${group.name}`}>
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
              open={opened.has(key)}
              onToggle={() => opened.toggle(key)}
            />
          );
        })}
      </Stack>
    </Card>
  );
}

function Groups({
  groups,
  search,
  states,
}: {
  groups: ReadonlyArray<RuleGroup<AlertingRule>>;
  search: string;
  states: readonly AlertState[];
}) {
  const opened = useToggleSet();
  const { alertGroupsPerPage } = usePreferences();
  const filtered = useMemo(
    () => filterRules(groups, search, (rule) => states.length === 0 || states.includes(rule.state)),
    [groups, search, states],
  );
  return (
    <PagedGroups
      groups={filtered}
      pageSize={alertGroupsPerPage}
      storageKey="alertsPage.showEmptyGroups"
      emptyTitle="No alerting rules configured"
      render={(one) => <GroupSection key={`${one.group.file};${one.group.name}`} filtered={one} opened={opened} />}
    />
  );
}

/** All alerting rules by group, with their states and active alerts. */
export default function AlertsPage() {
  const [search, setSearch] = useUrlText("search");
  const [states, setStates] = useUrlChoices("state", alertStates);
  const result = useRefreshedQuery({
    queryKey: ["rules", "alert"],
    queryFn: ({ signal }) => prometheus.rules<AlertingRule>("alert", signal),
  });
  const counts = useMemo(
    () =>
      countStates(
        alertStates,
        (result.data?.data.groups ?? []).flatMap(({ rules }) => rules.map(({ state }) => state)),
      ),
    [result.data],
  );
  return (
    <>
      <PageHeader title="Alerts" toolbar={<Toolbar />} />
      <Group gap="sm" mb="sm">
        <SearchInput label="Filter by rule name or labels" value={search} onChange={setSearch} />
        <StateFilter
          label="Filter by state"
          states={alertStates}
          chosen={states}
          counts={counts}
          onChange={setStates}
        />
      </Group>
      <Loaded result={result} label="Loading alerts">
        {(data) => <Groups groups={data.groups} search={search} states={states} />}
      </Loaded>
    </>
  );
}

import { Alert, Button, Group, Paper, Text } from "@mantine/core";
import { IconAlertTriangle, IconBellRinging, IconDatabaseEdit, IconListCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { narthex } from "../api/narthex.ts";
import { prometheus } from "../api/prometheus.ts";
import type { Rule, RuleGroup, RuleHealth } from "../api/rule-data.ts";
import { humanizeDuration } from "../format/duration.ts";
import { ExpressionLink } from "../shell/ExpressionLink.tsx";
import { Collapsible } from "../shell/Collapsible.tsx";
import { Labels } from "../shell/Labels.tsx";
import { Loaded } from "../shell/Loaded.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { SearchInput } from "../shell/SearchInput.tsx";
import { StateBadge, stateColor } from "../shell/StateBadge.tsx";
import { StateFilter } from "../shell/StateFilter.tsx";
import { usePreferences } from "../shell/preferences.ts";
import { countStates } from "../shell/state-counts.ts";
import { useUrlChoices, useUrlText } from "../shell/url-state.ts";
import { useToggleSet } from "../shell/use-toggle-set.ts";
import { useRefreshedQuery } from "../time/refresh-context.ts";
import { BehaviourTexts } from "./BehaviourTexts.tsx";
import { RuleFindingList } from "./RuleFindingList.tsx";
import { type CheckedRule, countFindings, RuleFindings } from "./rule-findings.ts";
import { PagedGroups } from "./PagedGroups.tsx";
import { EvaluationTimes, GroupName } from "./RuleGroupHeader.tsx";
import { filterRules, ruleHealths } from "./rule-filter.ts";
import type { FilteredGroup } from "./rule-filter.ts";
import { CardItem } from "../shell/Card.tsx";
import { Toolbar } from "../shell/Toolbar.tsx";

function RuleRow({ rule, checked }: { rule: Rule; checked: CheckedRule | undefined }) {
  const alerting = rule.type === "alerting";
  const Kind = alerting ? IconBellRinging : IconDatabaseEdit;
  return (
    <CardItem accent={stateColor[rule.health]}>
      <Group justify="space-between" gap="xs">
        <Group gap={6} wrap="nowrap">
          <Kind size={16} aria-label={alerting ? "Alerting rule" : "Recording rule"} />
          <Text fw={600} size="sm" className="wrap-anywhere">
            {rule.name}
          </Text>
        </Group>
        <Group gap="sm">
          <EvaluationTimes lastEvaluation={rule.lastEvaluation} evaluationTime={rule.evaluationTime} />
          <StateBadge state={rule.health} />
        </Group>
      </Group>
      <ExpressionLink expr={rule.query} />
      <Group gap="xs">
        {alerting && rule.duration > 0 && <Text size="xs">for {humanizeDuration(rule.duration * 1000)}</Text>}
        {alerting && rule.keepFiringFor > 0 && (
          <Text size="xs">keep firing for {humanizeDuration(rule.keepFiringFor * 1000)}</Text>
        )}
        {alerting && <BehaviourTexts rule={rule} />}
        <Labels labels={rule.labels ?? {}} />
      </Group>
      {rule.lastError !== undefined && rule.lastError !== "" && (
        <Alert color="red" variant="light" py={6} icon={<IconAlertTriangle size={16} />}>
          <span className="wrap-anywhere">{rule.lastError}</span>
        </Alert>
      )}
      {checked !== undefined && <RuleFindingList {...checked} />}
    </CardItem>
  );
}

function healthOf(group: RuleGroup): RuleHealth {
  if (group.rules.some((rule) => rule.health === "err")) return "err";
  return group.rules.some((rule) => rule.health === "unknown") ? "unknown" : "ok";
}

function GroupCard({
  filtered,
  findings,
  open,
  onToggle,
}: {
  filtered: FilteredGroup<Rule>;
  findings: RuleFindings | undefined;
  open: boolean;
  onToggle: () => void;
}) {
  const { group, rules } = filtered;
  return (
    <Collapsible
      title={<GroupName name={group.name} file={group.file} />}
      summary={
        <EvaluationTimes
          lastEvaluation={group.lastEvaluation}
          evaluationTime={group.evaluationTime}
          interval={group.interval}
        />
      }
      accent={stateColor[healthOf(group)]}
      open={open}
      onToggle={onToggle}
    >
      {rules.length === 0 && (
        <Text size="sm" c="dimmed" p="sm">
          No rule of this group matches the filter.
        </Text>
      )}
      {rules.map((rule, index) => (
        <RuleRow
          key={`${rule.name} ${index}`}
          rule={rule}
          checked={findings?.of(group.file, group.name, group.rules.indexOf(rule))}
        />
      ))}
    </Collapsible>
  );
}

function Groups({
  groups,
  findings,
  search,
  health,
}: {
  groups: readonly RuleGroup[];
  findings: RuleFindings | undefined;
  search: string;
  health: readonly RuleHealth[];
}) {
  const closed = useToggleSet();
  const { ruleGroupsPerPage } = usePreferences();
  const filtered = useMemo(
    () => filterRules(groups, search, (rule) => health.length === 0 || health.includes(rule.health)),
    [groups, search, health],
  );
  return (
    <PagedGroups
      groups={filtered}
      pageSize={ruleGroupsPerPage}
      storageKey="rulesPage.showEmptyGroups"
      emptyTitle="No rules configured"
      render={(one) => {
        const key = `${one.group.file};${one.group.name}`;
        return (
          <GroupCard
            key={key}
            filtered={one}
            findings={findings}
            open={!closed.has(key)}
            onToggle={() => closed.toggle(key)}
          />
        );
      }}
    />
  );
}

/** Page that lists all rules with the results of their last evaluations. */
export default function RulesPage() {
  const [search, setSearch] = useUrlText("search");
  const [health, setHealth] = useUrlChoices("health", ruleHealths);
  const result = useRefreshedQuery({
    queryKey: ["rules"],
    queryFn: ({ signal }) => prometheus.rules(undefined, signal),
  });
  const [isChecked, setIsChecked] = useState(false);
  const lint = useQuery({
    queryKey: ["rule-lint"],
    queryFn: ({ signal }) => narthex.ruleLint(signal),
    enabled: isChecked,
  });
  const report = isChecked ? lint.data?.data : undefined;
  const findings = useMemo(() => (report === undefined ? undefined : new RuleFindings(report)), [report]);
  const counts = useMemo(
    () =>
      countStates(
        ruleHealths,
        result.data?.data.groups.flatMap(({ rules }) => rules.map((rule) => rule.health)),
      ),
    [result.data],
  );
  return (
    <>
      <PageHeader title="Rule health" toolbar={<Toolbar />} />
      <Paper component="div" bg="transparent" mb="sm">
        <Group gap="sm">
          <SearchInput label="Filter by rule name or labels" value={search} onChange={setSearch} />
          <StateFilter
            label="Filter by health"
            states={ruleHealths}
            chosen={health}
            counts={counts}
            onChange={setHealth}
          />
          <Button
            size="compact-sm"
            variant="light"
            leftSection={<IconListCheck size={16} />}
            loading={lint.isFetching}
            onClick={() => (isChecked ? void lint.refetch() : setIsChecked(true))}
          >
            Check rules
          </Button>
          {report !== undefined && (
            <Text size="sm" role="status">
              {countFindings(report.findings)}
              {report.isComplete ? "" : ". The checks reached a limit, so some findings may be missing"}
            </Text>
          )}
        </Group>
        {lint.error !== null && (
          <Alert color="red" variant="light" py={6} mt="sm" icon={<IconAlertTriangle size={16} />}>
            The rules could not be checked: {lint.error.message}
          </Alert>
        )}
      </Paper>
      <Loaded result={result} label="Loading rules">
        {(data) => <Groups groups={data.groups} findings={findings} search={search} health={health} />}
      </Loaded>
    </>
  );
}

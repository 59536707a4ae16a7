import { Group, Progress, Stack, Table, Text } from "@mantine/core";
import type { Objective, ObjectiveSeries } from "../api/narthex.ts";
import { formatDuration } from "../format/duration.ts";
import { seriesKey } from "../format/series-name.ts";
import { Collapsible } from "../shell/Collapsible.tsx";
import { ExpressionLink } from "../shell/ExpressionLink.tsx";
import { Labels } from "../shell/Labels.tsx";
import { StateBadge } from "../shell/StateBadge.tsx";
import { BudgetHistory } from "./BudgetHistory.tsx";
import { alertFactor, budgetColor, budgetPercent, budgetText, sharePercent, worstSeries } from "./objective-figures.ts";

/** Labels that all series of an objective share. */
const IDENTITY = ["sloth_id", "sloth_service", "sloth_slo", "slo"];

function Summary({ objective }: { objective: Objective }) {
  const worst = worstSeries(objective);
  const firing = objective.alerts.filter(({ state }) => state === "firing").length;
  return (
    <Group gap="md" wrap="wrap" justify="flex-end">
      {firing > 0 && <StateBadge state="firing" count={firing} />}
      <Text size="sm" c="dimmed" span>
        {sharePercent(objective.objective)} in {formatDuration(objective.window * 1000)}
      </Text>
      {worst === undefined ? (
        <Text size="sm" c="dimmed" span>
          no data yet
        </Text>
      ) : (
        <Text size="sm" span fw={600} c={worst.budgetRemaining <= 0 ? "red" : ""}>
          {budgetText(worst.budgetRemaining)}
        </Text>
      )}
    </Group>
  );
}

function SeriesTable({ objective }: { objective: Objective }) {
  const windows = objective.series[0]?.burnRates.map(({ window }) => window) ?? [];
  return (
    <Table.ScrollContainer minWidth={560}>
      <Table aria-label="Budgets and burn rates">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Series</Table.Th>
            <Table.Th>Good</Table.Th>
            <Table.Th>Budget left</Table.Th>
            {windows.map((window) => (
              <Table.Th key={window}>Burn rate {formatDuration(window * 1000)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {objective.series.map((series) => (
            <SeriesRow key={seriesKey(series.labels)} objective={objective} series={series} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function SeriesRow({ objective, series }: { objective: Objective; series: ObjectiveSeries }) {
  const { labels, sli, budgetRemaining, burnRates } = series;
  const own = Object.keys(labels).filter((name) => objective.labels[name] === labels[name]);
  const hidden = [...IDENTITY, ...own];
  const isSingle = Object.keys(labels).every((name) => hidden.includes(name));
  return (
    <Table.Tr>
      <Table.Td>{isSingle ? "all" : <Labels labels={labels} hide={hidden} />}</Table.Td>
      <Table.Td>{sharePercent(sli)}</Table.Td>
      <Table.Td>
        {budgetPercent(budgetRemaining)}
        <Progress
          size="sm"
          value={Math.max(0, Math.min(1, budgetRemaining)) * 100}
          color={budgetColor(budgetRemaining)}
          aria-label={budgetText(budgetRemaining)}
        />
      </Table.Td>
      {burnRates.map(({ window, burnRate }) => {
        const factor = alertFactor(objective, window);
        const exceeds = burnRate !== null && factor !== undefined && burnRate > factor;
        return (
          <Table.Td key={window} c={exceeds ? "red" : ""} fw={exceeds ? 600 : 400}>
            {burnRate === null ? "–" : burnRate.toFixed(2)}
          </Table.Td>
        );
      })}
    </Table.Tr>
  );
}

/** A service level objective: its budget and burn rates, the course of the budget, and its alerts. */
export function ObjectiveCard({
  objective,
  open,
  onToggle,
}: {
  objective: Objective;
  open: boolean;
  onToggle: () => void;
}) {
  const { name, service, description, labels, error, alerts, file, line, errorRatioQuery } = objective;
  const worst = worstSeries(objective);
  return (
    <Collapsible
      title={service === "" ? name : `${service} / ${name}`}
      summary={<Summary objective={objective} />}
      open={open}
      onToggle={onToggle}
      accent={worst === undefined ? "gray" : budgetColor(worst.budgetRemaining)}
    >
      <Stack gap="sm" p="sm">
        {description !== "" && <Text size="sm">{description}</Text>}
        {Object.keys(labels).length > 0 && <Labels labels={labels} />}
        {error !== undefined && (
          <Text size="sm" c="red" className="wrap-anywhere">
            {error}
          </Text>
        )}
        {worst !== undefined && <SeriesTable objective={objective} />}
        <BudgetHistory objective={objective} />
        {alerts.map((alert) => (
          <Group key={seriesKey(alert.labels)} gap="xs" align="flex-start">
            <StateBadge state={alert.state} />
            <Text size="sm" className="wrap-anywhere">
              {alert.annotations["title"] ?? alert.annotations["summary"] ?? alert.labels["alertname"]}
            </Text>
            <Labels labels={alert.labels} hide={IDENTITY} />
          </Group>
        ))}
        <ExpressionLink expr={errorRatioQuery} />
        <Text size="xs" c="dimmed" className="wrap-anywhere">
          {file}:{line}
        </Text>
      </Stack>
    </Collapsible>
  );
}

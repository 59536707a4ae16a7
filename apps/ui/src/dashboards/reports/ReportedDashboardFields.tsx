import { Group, Select, TextInput } from "@mantine/core";
import { quickRanges } from "@narthex/dashboards";
import { useState } from "react";
import { useDashboards } from "../data/use-dashboards.ts";
import { parsedVariables, variablesText } from "./new-report.ts";
import type { ReportedDashboard, SavedReport } from "./report-api.ts";

/** Maximum number of suggestions in a list. The user finds other dashboards by typing. */
const MAX_OFFERED = 100;
const OWN_RANGE = "own";
const OTHER_RANGE = "other";

/** Inputs for the first dashboard of a report: dashboard, time range and variables. Further dashboards are kept. */
export function ReportedDashboardFields({
  dashboards,
  onChange,
}: {
  dashboards: SavedReport["dashboards"];
  onChange: (dashboards: SavedReport["dashboards"]) => void;
}) {
  const [first, ...others] = dashboards;
  const { dashboard, timeRange, reportVariables } = first!;
  const { data: hits = [] } = useDashboards("");
  const [variables, setVariables] = useState(() => variablesText(reportVariables));
  const change = (part: Partial<ReportedDashboard>): void => onChange([{ ...first!, ...part }, ...others]);
  const found = hits.filter(({ type }) => type === "dash-db").map(({ uid, title }) => ({ value: uid, label: title }));
  const isListed = dashboard.uid === "" || found.some(({ value }) => value === dashboard.uid);
  const options = isListed ? found : [...found, { value: dashboard.uid, label: dashboard.name || dashboard.uid }];
  return (
    <>
      <Select
        label="Dashboard"
        required
        searchable
        limit={MAX_OFFERED}
        nothingFoundMessage="No dashboard has this name"
        data={options}
        value={dashboard.uid === "" ? null : dashboard.uid}
        onChange={(uid) => change({ dashboard: { uid: uid ?? "" } })}
      />
      <RangeFields range={timeRange} onChange={(range) => change({ timeRange: range })} />
      <TextInput
        label="Variables"
        description="As in the URL of the dashboard: job=api&job=web. Empty: the values that are saved with the dashboard"
        value={variables}
        onChange={({ currentTarget }) => {
          setVariables(currentTarget.value);
          change({ reportVariables: parsedVariables(currentTarget.value) });
        }}
      />
    </>
  );
}

type Range = ReportedDashboard["timeRange"];

function RangeFields({ range: { from, to }, onChange }: { range: Range; onChange: (range: Range) => void }) {
  const quick = quickRanges.find((one) => one.from === from && one.to === to);
  const [isOther, setOther] = useState(from !== "" && quick === undefined);
  const value = isOther ? OTHER_RANGE : from === "" ? OWN_RANGE : (quick?.display ?? OTHER_RANGE);
  return (
    <>
      <Select
        label="Time range"
        searchable
        allowDeselect={false}
        value={value}
        data={[
          { value: OWN_RANGE, label: "That of the dashboard" },
          ...quickRanges.map(({ display }) => ({ value: display, label: display })),
          { value: OTHER_RANGE, label: "Other times" },
        ]}
        onChange={(next) => {
          setOther(next === OTHER_RANGE);
          const chosen = quickRanges.find(({ display }) => display === next);
          if (next === OWN_RANGE) onChange({ from: "", to: "" });
          else if (chosen !== undefined) onChange({ from: chosen.from, to: chosen.to });
          else if (from === "") onChange({ from: "now-24h", to: "now" });
        }}
      />
      {isOther && (
        <Group grow align="flex-start">
          <TextInput
            label="From"
            value={from}
            onChange={({ currentTarget }) => onChange({ from: currentTarget.value, to })}
          />
          <TextInput
            label="To"
            value={to}
            onChange={({ currentTarget }) => onChange({ from, to: currentTarget.value })}
          />
        </Group>
      )}
    </>
  );
}

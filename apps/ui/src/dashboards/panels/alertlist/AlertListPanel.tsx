import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { ReactNode } from "react";
import { quoteString } from "../../../format/series-name.ts";
import { errorSentence } from "../../../shell/StatusMessage.tsx";
import { classesOf } from "../../../shell/style-sheet.ts";
import { WaitingSince } from "../../../shell/WaitingSince.tsx";
import { addressOf } from "../../../shell/link-anchor.ts";
import { useHostDashboard, useHostQuery } from "../../data/host-dashboard.ts";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { PanelMessage, PlainList, ScrollingPanel } from "../scrolling/ScrollingPanel.tsx";
import { fittingValueSize } from "../values/value-size.ts";
import { AlertSummary, AlertLines, FiresIn, ListedBadge } from "./AlertLines.tsx";
import styles from "./AlertListPanel.module.css";
import { chosenRules, groupedAlerts, type ListedGroup } from "./chosen-rules.ts";
import { alertSources, failuresOf, type FetchedRules, fetchListedRules, type ListedRule } from "./listed-rules.ts";
import { NobodyNotified } from "./NobodyNotified.tsx";
import { type AlertListOptions, alertListOptions } from "./options.ts";

const css = classesOf(styles);

/** Maximum number of alert groups that are drawn. A longer list would not be readable. */
const MAX_GROUPS = 200;
const none: readonly ListedRule[] = [];

/**
 * Lists the alerts of Prometheus servers and Alertmanagers, grouped by rule or by labels. The panel can also show only
 * the number of rules with alerts.
 */
export function AlertListPanel({ panel, width, height, context: { fill } }: PanelProps) {
  const options = useMemo(() => readOptions(alertListOptions, panel.options), [panel.options]);
  const { uid, sources, now } = useHostDashboard();
  const client = useQueryClient();
  const named = fill(options.source);
  const key = ["alert rules", named, sources.map((source) => source.uid)];
  const { data, error, isFetching } = useHostQuery(key, async (signal) => {
    const earlier = client.getQueriesData<FetchedRules>({ queryKey: key }).flatMap(([, one]) => one ?? []);
    const before = earlier.toSorted((a, b) => a.at - b.at).at(-1);
    return fetchListedRules(alertSources(named, sources), { at: now, before, signal });
  });
  const { rules, problem } = useMemo(
    () =>
      chosenRules(data?.sources.flatMap(({ list }) => list ?? []) ?? none, options, {
        uid,
        fill,
      }),
    [data, options, uid, fill],
  );
  const problems = [
    ...(error === null ? [] : [errorSentence(error)]),
    ...(problem === "" ? [] : [problem]),
    ...(data === undefined ? [] : failuresOf(data)),
  ];
  return (
    <ScrollingPanel name="Alerts" panel={panel} width={width} height={height}>
      {problems.map((text) => (
        <PanelMessage key={text} isFailure>
          {text}
        </PanelMessage>
      ))}
      {isFetching && (
        <WaitingSince
          name={named === "" ? "the sources of alerts" : named}
          onCancel={() => void client.cancelQueries({ queryKey: key })}
        />
      )}
      <NobodyNotified named={named} />
      {data !== undefined && problem === "" && (
        <Chosen rules={rules} fetched={data} options={options} width={width} height={height} />
      )}
    </ScrollingPanel>
  );
}

/** Reports whether the options hide rules or alerts by their name, labels or dashboard. */
const isFiltered = ({ alertName, labelFilter, isOfDashboard }: AlertListOptions): boolean =>
  alertName !== "" || labelFilter !== "" || isOfDashboard;

interface ChosenProps extends Pick<PanelProps, "width" | "height"> {
  readonly rules: readonly ListedRule[];
  readonly fetched: FetchedRules;
  readonly options: AlertListOptions;
}

function Chosen({ rules, fetched, options, width, height }: ChosenProps) {
  const { viewMode, groupMode, groupBy, maxItems, showInstances } = options;
  const lists = fetched.sources.map(({ list }) => list);
  const isLoaded = lists.every((list) => list !== undefined);
  const known = lists.flatMap((list) => list ?? []);
  const isEvaluated = known.length === 0 || known.some(({ isUnknown }) => !isUnknown);
  if (viewMode === "stat") {
    // An unknown number is not 0.
    const text = rules.length === 0 && !(isLoaded && isEvaluated) ? "–" : String(rules.length);
    const fontSize = fittingValueSize({ prefix: "", text, suffix: "" }, { width: width * 0.8, height: height * 0.8 });
    return (
      <div className={css("stat")} style={{ fontSize }}>
        {text}
      </div>
    );
  }
  if (rules.length === 0) {
    if (!isLoaded) return null;
    if (!isEvaluated) return <PanelMessage>The rules have not been evaluated yet</PanelMessage>;
    return <PanelMessage>{isFiltered(options) ? "No alerts matching filters" : "No alerts"}</PanelMessage>;
  }
  const hasSource = new Set(rules.map(({ sourceName }) => sourceName)).size > 1;
  if (groupMode === "custom") {
    const groups = groupedAlerts(rules, groupBy);
    return (
      <Lines total={groups.length} most={MAX_GROUPS}>
        {groups.slice(0, MAX_GROUPS).map((group) => (
          <GroupItem key={group.key} group={group} isOpen={showInstances} />
        ))}
      </Lines>
    );
  }
  const most = Math.floor(maxItems);
  return (
    <Lines total={rules.length} most={most}>
      {rules.slice(0, most).map((rule) => (
        <RuleItem key={rule.key} rule={rule} hasSource={hasSource} isOpen={showInstances} />
      ))}
    </Lines>
  );
}

function Lines({ total, most, children }: { total: number; most: number; children: ReactNode }) {
  return (
    <>
      <PlainList>{children}</PlainList>
      {total > most && <PanelMessage>and {total - most} more</PanelMessage>}
    </>
  );
}

function RuleItem({ rule, hasSource, isOpen: isOpenFirst }: { rule: ListedRule; hasSource: boolean; isOpen: boolean }) {
  const [isOpen, setOpen] = useState(isOpenFirst);
  const { name, href, state, alerts, error, sourceName } = rule;
  return (
    <li className={css("rule")}>
      <div className={css("head")}>
        <ListedBadge state={state} />
        <a className={css("name")} {...addressOf({ href, targetBlank: false })}>
          {name}
        </a>
        {hasSource && <span className={css("quiet")}>{sourceName}</span>}
        <AlertSummary alerts={alerts} isOpen={isOpen} onToggle={() => setOpen(!isOpen)} />
        {state === "pending" && <FiresIn rule={rule} alerts={alerts} />}
      </div>
      {error !== "" && <PanelMessage isFailure>{error}</PanelMessage>}
      {isOpen && <AlertLines alerts={alerts.map((alert) => ({ rule, alert }))} hasRule={false} />}
    </li>
  );
}

/** A group of alerts with equal values of the grouping labels. */
function GroupItem({ group: { labels, alerts }, isOpen: isOpenFirst }: { group: ListedGroup; isOpen: boolean }) {
  const [isOpen, setOpen] = useState(isOpenFirst);
  const name = Object.entries(labels).map(([label, value]) => `${label}=${quoteString(value)}`);
  return (
    <li className={css("rule")}>
      <div className={css("head")}>
        <span className={css("name")}>{name.length === 0 ? "No grouping" : name.join(", ")}</span>
        <AlertSummary alerts={alerts.map(({ alert }) => alert)} isOpen={isOpen} onToggle={() => setOpen(!isOpen)} />
      </div>
      {isOpen && <AlertLines alerts={alerts} hasRule />}
    </li>
  );
}

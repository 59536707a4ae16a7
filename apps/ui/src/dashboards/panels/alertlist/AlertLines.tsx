import type { Acknowledgement } from "../../../api/alertmanager.ts";
import { humanizeDuration } from "../../../format/duration.ts";
import { wouldFireText } from "../../../format/would-fire.ts";
import { AlertLinks } from "../../../shell/AlertLinks.tsx";
import { Labels } from "../../../shell/Labels.tsx";
import { type State, StateBadge } from "../../../shell/StateBadge.tsx";
import { classesOf } from "../../../shell/style-sheet.ts";
import { TextButton } from "../../../shell/TextButton.tsx";
import { addressOf } from "../../../shell/link-anchor.ts";
import { useHostDashboard } from "../../data/host-dashboard.ts";
import styles from "./AlertListPanel.module.css";
import type { ListedGroup } from "./chosen-rules.ts";
import type { ListedAlert, ListedRule, ListedState } from "./listed-rules.ts";

const css = classesOf(styles);

/** Maximum number of alerts of one rule or group that are drawn. */
const MAX_ALERTS = 100;

const badges: Readonly<Record<ListedState, readonly [State, string]>> = {
  firing: ["firing", "firing"],
  error: ["err", "error"],
  recovering: ["pending", "recovering"],
  pending: ["pending", "pending"],
  inactive: ["inactive", "normal"],
};

export function ListedBadge({ state }: { state: ListedState }) {
  const [look, label] = badges[state];
  return <StateBadge state={look} label={label} />;
}

/** Shows the number of alerts, and for how long the oldest one has been active. A click shows the alerts. */
export function AlertSummary(props: { alerts: readonly ListedAlert[]; isOpen: boolean; onToggle: () => void }) {
  const { alerts, isOpen, onToggle } = props;
  const since = alerts.reduce((least, { activeAt }) => Math.min(least, activeAt ?? Infinity), Infinity);
  return (
    <>
      {since < Infinity && <Age since={since} />}
      {alerts.length > 0 && (
        <TextButton aria-expanded={isOpen} onClick={onToggle}>
          {alerts.length === 1 ? "1 instance" : `${alerts.length} instances`}
        </TextButton>
      )}
    </>
  );
}

function Age({ since }: { since: number }) {
  const { now } = useHostDashboard();
  return <span className={css("quiet")}>for {humanizeDuration(Math.max(1000, now - since))}</span>;
}

/** Shows in how long the first pending alert would fire. */
export function FiresIn({ rule, alerts }: { rule: Pick<ListedRule, "durationMs">; alerts: readonly ListedAlert[] }) {
  const { now } = useHostDashboard();
  const pending = alerts.filter(({ state }) => state === "pending");
  const since = pending.reduce((least, { activeAt }) => Math.min(least, activeAt ?? Infinity), Infinity);
  if (since === Infinity) return null;
  return <span className={css("quiet")}>{wouldFireText(since + rule.durationMs, now)}</span>;
}

function AcknowledgedBy({ acknowledgement: { createdBy, comment } }: { acknowledgement: Acknowledgement }) {
  return (
    <span className={css("quiet")}>
      acknowledged by {createdBy}
      {comment !== "" && `: ${comment}`}
    </span>
  );
}

/**
 * A list of alerts with their labels.
 * @param hasRule whether each alert shows the name of its rule
 */
export function AlertLines({ alerts, hasRule }: Pick<ListedGroup, "alerts"> & { hasRule: boolean }) {
  return (
    <ul className={css("alerts")}>
      {alerts.slice(0, MAX_ALERTS).map(({ rule, alert }, at) => (
        <li key={at} className={css("alert")}>
          <ListedBadge state={alert.state} />
          {hasRule && (
            <a className={css("name")} {...addressOf({ href: rule.href, targetBlank: false })}>
              {rule.name}
            </a>
          )}
          <Labels labels={alert.labels} hide={["alertname"]} />
          {alert.activeAt !== null && <Age since={alert.activeAt} />}
          <FiresIn rule={rule} alerts={[alert]} />
          {alert.acknowledgement !== undefined && <AcknowledgedBy acknowledgement={alert.acknowledgement} />}
          <AlertLinks annotations={alert.annotations} labels={alert.labels} startMs={alert.activeAt} />
        </li>
      ))}
      {alerts.length > MAX_ALERTS && <li className={css("quiet")}>and {alerts.length - MAX_ALERTS} more</li>}
    </ul>
  );
}

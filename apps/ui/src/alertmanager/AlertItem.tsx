import { RelativeTime } from "../shell/RelativeTime.tsx";
import { Anchor, Group, Text, Tooltip } from "@mantine/core";
import { IconExternalLink, IconLink, IconListCheck } from "@tabler/icons-react";
import { Link } from "react-router";
import type { ManagedAlert } from "../api/alertmanager.ts";
import { formatInstantWithZone, parseApiTime } from "../format/instant.ts";
import { sortedLabels } from "../format/series-name.ts";
import { AcknowledgementNote } from "./AcknowledgementNote.tsx";
import { AlertActions, AlertBadges } from "./AlertActions.tsx";
import { StateBadge } from "../shell/StateBadge.tsx";
import { useTimeZone } from "../shell/time-zone.ts";
import { formatMatchers, matchersOf } from "./matcher-filter.ts";
import type { Matcher } from "./matcher-filter.ts";
import { ruleAlertsAddress } from "../shell/stack-pages.ts";
import { CardItem } from "../shell/Card.tsx";
import { webAddress } from "../shell/alert-links.ts";
import { AlertLinks } from "../shell/AlertLinks.tsx";
import { Annotations } from "../shell/Annotations.tsx";
import { LabelPair, TagButton, TagList } from "../shell/Labels.tsx";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./AlertItem.module.css";

const css = classesOf(styles);

/**
 * Shows one alert: start time, annotations, source link, and labels. A click on a label adds a matcher to the page's
 * filter.
 */
export function AlertItem({ alert, onMatcher }: { alert: ManagedAlert; onMatcher: (matcher: Matcher) => void }) {
  const zone = useTimeZone();
  const since = parseApiTime(alert.startsAt);
  const source = webAddress(alert.generatorURL ?? "");
  const rule = ruleAlertsAddress(alert.labels["alertname"] ?? "");
  const permalink = `/alerts?filter=${encodeURIComponent(formatMatchers(matchersOf(alert.labels)))}`;
  return (
    <CardItem as="article">
      <Group gap="sm">
        <StateBadge state={alert.status.state} />
        <AlertBadges alert={alert} />
        <Tooltip label={since === null ? "" : formatInstantWithZone(since, zone)}>
          <Text size="xs" c="dimmed">
            since <RelativeTime unixMs={since} />
          </Text>
        </Tooltip>
        {source !== undefined && (
          <Anchor size="xs" href={source} target="_blank" rel="noreferrer">
            <IconExternalLink size={12} aria-hidden /> Source
          </Anchor>
        )}
        <AlertLinks annotations={alert.annotations} labels={alert.labels} startMs={since} />
        <AlertActions alert={alert} />
        {rule !== undefined && (
          <Anchor size="xs" href={rule}>
            <IconListCheck size={12} aria-hidden /> Rule
          </Anchor>
        )}
        <Anchor size="xs" component={Link} to={permalink}>
          <IconLink size={12} aria-hidden /> Link
        </Anchor>
      </Group>
      <AcknowledgementNote alert={alert} />
      <Annotations annotations={alert.annotations} />
      <TagList>
        {sortedLabels(alert.labels).map(([name, value]) => (
          <TagButton
            key={name}
            className={css("label")}
            title="Add as a matcher"
            onClick={() => onMatcher({ name, operator: "=", value })}
          >
            <LabelPair name={name} value={value} />
          </TagButton>
        ))}
      </TagList>
    </CardItem>
  );
}

import { RelativeTime } from "../shell/RelativeTime.tsx";
import { Anchor, Badge, Group, Text, Tooltip } from "@mantine/core";
import { IconBellOff, IconExternalLink, IconHelpCircle, IconLink } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import type { ManagedAlert } from "../api/alertmanager.ts";
import { formatInstantWithZone, parseApiTime } from "../format/instant.ts";
import { sortedLabels } from "../format/series-name.ts";
import { StateBadge } from "../shell/StateBadge.tsx";
import { usePreferences } from "../shell/preferences.ts";
import { formatMatchers, matchersOf } from "./matcher-filter.ts";
import type { Matcher } from "./matcher-filter.ts";
import { silenceAlertLink } from "./silence-links.ts";
import { WhyModal } from "./WhyModal.tsx";
import { CardItem } from "../shell/Card.tsx";
import { Annotations } from "../shell/Annotations.tsx";
import { LabelPair, TagButton, TagList } from "../shell/Labels.tsx";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./AlertItem.module.css";

const css = classesOf(styles);

function Suppression({ alert }: { alert: ManagedAlert }) {
  const { silencedBy, inhibitedBy, mutedBy = [] } = alert.status;
  return (
    <>
      {silencedBy.map((id) => (
        <Badge
          key={id}
          color="gray"
          variant="light"
          component={Link}
          to={`/silences/${id}`}
          style={{ cursor: "pointer" }}
        >
          silenced
        </Badge>
      ))}
      {inhibitedBy.length > 0 && (
        <Badge color="gray" variant="light">
          inhibited
        </Badge>
      )}
      {mutedBy.length > 0 && (
        <Tooltip label={mutedBy.join(", ")}>
          <Badge color="gray" variant="light">
            muted
          </Badge>
        </Tooltip>
      )}
    </>
  );
}

function sourceOf(url: string | undefined): string | null {
  // The address comes with the alert: only the web's own schemes may become a link.
  return url !== undefined && /^https?:\/\//.test(url) ? url : null;
}

/** One alert: since when, its texts, where it comes from, and labels that a click turns into matchers. */
export function AlertItem({ alert, onMatcher }: { alert: ManagedAlert; onMatcher: (matcher: Matcher) => void }) {
  const { useLocalTime } = usePreferences();
  const since = parseApiTime(alert.startsAt);
  const [asks, setAsks] = useState(false);
  const source = sourceOf(alert.generatorURL);
  const permalink = `/alerts?filter=${encodeURIComponent(formatMatchers(matchersOf(alert.labels)))}`;
  return (
    <CardItem as="article">
      <Group gap="sm">
        <StateBadge state={alert.status.state} />
        <Suppression alert={alert} />
        <Tooltip label={since === null ? "" : formatInstantWithZone(since, useLocalTime)}>
          <Text size="xs" c="dimmed">
            since <RelativeTime unixMs={since} />
          </Text>
        </Tooltip>
        {source !== null && (
          <Anchor size="xs" href={source} target="_blank" rel="noreferrer">
            <IconExternalLink size={12} aria-hidden /> Source
          </Anchor>
        )}
        {alert.status.silencedBy.length === 0 && (
          <Anchor size="xs" component={Link} to={silenceAlertLink(alert.labels)}>
            <IconBellOff size={12} aria-hidden /> Silence
          </Anchor>
        )}
        <Anchor size="xs" component={Link} to={permalink}>
          <IconLink size={12} aria-hidden /> Link
        </Anchor>
        <Anchor size="xs" component="button" type="button" onClick={() => setAsks(true)}>
          <IconHelpCircle size={12} aria-hidden /> Why?
        </Anchor>
        {asks && (
          <WhyModal
            fingerprint={alert.fingerprint}
            title={alert.labels["alertname"] ?? "this alert"}
            onClose={() => setAsks(false)}
          />
        )}
      </Group>
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

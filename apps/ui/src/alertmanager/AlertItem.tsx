import { RelativeTime } from "../shell/RelativeTime.tsx";
import { Anchor, Badge, Group, Text, Tooltip } from "@mantine/core";
import { IconBellOff, IconExternalLink, IconHelpCircle, IconLink } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import type { ManagedAlert } from "../api/alertmanager.ts";
import { formatInstantWithZone, parseApiTime } from "../format/instant.ts";
import { sortedLabels } from "../format/series-name.ts";
import { AcknowledgementBadge, AcknowledgementNote } from "./AcknowledgementNote.tsx";
import { AcknowledgementActions } from "./AcknowledgementActions.tsx";
import { StateBadge } from "../shell/StateBadge.tsx";
import { useTimeZone } from "../shell/time-zone.ts";
import { formatMatchers, matchersOf } from "./matcher-filter.ts";
import type { Matcher } from "./matcher-filter.ts";
import { silenceAlertLink } from "./silence-links.ts";
import { WhyModal } from "./WhyModal.tsx";
import { CardItem } from "../shell/Card.tsx";
import { webAddress } from "../shell/alert-links.ts";
import { AlertLinks } from "../shell/AlertLinks.tsx";
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

/**
 * Shows one alert: start time, annotations, source link, and labels. A click on a label adds a matcher to the page's
 * filter.
 */
export function AlertItem({ alert, onMatcher }: { alert: ManagedAlert; onMatcher: (matcher: Matcher) => void }) {
  const zone = useTimeZone();
  const since = parseApiTime(alert.startsAt);
  const [isWhyShown, setWhyShown] = useState(false);
  const source = webAddress(alert.generatorURL ?? "");
  const permalink = `/alerts?filter=${encodeURIComponent(formatMatchers(matchersOf(alert.labels)))}`;
  return (
    <CardItem as="article">
      <Group gap="sm">
        <StateBadge state={alert.status.state} />
        <Suppression alert={alert} />
        <AcknowledgementBadge alert={alert} />
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
        <AlertLinks annotations={alert.annotations} startMs={since} />
        {alert.status.silencedBy.length === 0 && (
          <Anchor size="xs" component={Link} to={silenceAlertLink(alert.labels)}>
            <IconBellOff size={12} aria-hidden /> Silence
          </Anchor>
        )}
        <AcknowledgementActions alert={alert} />
        <Anchor size="xs" component={Link} to={permalink}>
          <IconLink size={12} aria-hidden /> Link
        </Anchor>
        <Anchor size="xs" component="button" type="button" onClick={() => setWhyShown(true)}>
          <IconHelpCircle size={12} aria-hidden /> Why?
        </Anchor>
        {isWhyShown && (
          <WhyModal
            fingerprint={alert.fingerprint}
            title={alert.labels["alertname"] ?? "this alert"}
            onClose={() => setWhyShown(false)}
          />
        )}
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

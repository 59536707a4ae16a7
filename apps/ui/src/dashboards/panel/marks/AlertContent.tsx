import { Anchor, Group, Text } from "@mantine/core";
import { useLocation } from "react-router";
import { formatMatchers, matchersOf } from "../../../alertmanager/matcher-filter.ts";
import { AlertLinks } from "../../../shell/AlertLinks.tsx";
import { Labels } from "../../../shell/Labels.tsx";
import { WouldFire } from "../../../shell/RelativeTime.tsx";
import { StateBadge } from "../../../shell/StateBadge.tsx";
import { classesOf } from "../../../shell/style-sheet.ts";
import { addressOf } from "../../../shell/link-anchor.ts";
import { timesOf } from "./AnnotationContent.tsx";
import type { PanelAnnotation } from "../../contracts/panel-kind.ts";
import type { MarkedAlert, MarkedSilence } from "../../contracts/marked-alert.ts";
import { silenceFormAddress } from "../../data/alerts/silence-form-address.ts";
import styles from "./AnnotationCard.module.css";

const css = classesOf(styles);

interface AlertContentProps {
  readonly mark: PanelAnnotation;
  readonly alert: MarkedAlert;
  readonly zone: string;
  /** Whether the user may create silences. */
  readonly canSilence: boolean;
}

/** Annotations of an alert that the card shows. The alert's own page shows all annotations. */
const SHOWN_TEXTS = ["summary", "description", "message"] as const;

function PageLink({ href, children }: { href: string; children: string }) {
  return (
    <Anchor size="xs" {...addressOf({ href, targetBlank: false })}>
      {children}
    </Anchor>
  );
}

/** Details of an alert on the time axis: when it was pending or firing, its annotations, and links. */
export function AlertContent({ mark, alert, zone, canSilence }: AlertContentProps) {
  const { pathname, search } = useLocation();
  const { name, labels, annotations, isPending, isOngoing, firesAt, href, managerUid, silences } = alert;
  const isSilenced = silences.some(({ state }) => state === "active");
  return (
    <article className={css("mark")} style={{ borderColor: mark.color }}>
      <header className={css("head")}>
        <strong className={css("title")}>Alert {name}</strong>
        {isPending ? (
          <StateBadge state="pending" label={isOngoing ? "pending" : "was pending"} />
        ) : (
          <StateBadge state={isOngoing ? "firing" : "inactive"} label={isOngoing ? "firing" : "resolved"} />
        )}
      </header>
      <time className={css("time")}>{activeTimes(mark, alert, zone)}</time>
      {firesAt !== null && (
        <Text size="sm">
          It <WouldFire firesAt={firesAt} />.
        </Text>
      )}
      {[...new Set(SHOWN_TEXTS.map((text) => annotations[text] ?? ""))]
        .filter((text) => text !== "")
        .map((text) => (
          <Text key={text} size="sm" className={css("text")}>
            {text}
          </Text>
        ))}
      <Labels labels={labels} hide={["alertname"]} />
      <Group gap="sm">
        <PageLink href={href}>Alert</PageLink>
        <AlertLinks annotations={annotations} labels={labels} startMs={Math.floor(mark.time)} />
        {silences.map((silence) => (
          <PageLink key={silence.id} href={silence.href}>
            Silenced
          </PageLink>
        ))}
        {canSilence && managerUid !== undefined && isOngoing && !isSilenced && (
          <PageLink href={silenceFormAddress(managerUid, matchersOf(labels), `${pathname}${search}`)}>
            Silence…
          </PageLink>
        )}
      </Group>
    </article>
  );
}

/** Describes when an alert was active. The times are as precise as the step of the query. */
function activeTimes(mark: PanelAnnotation, { isCut, isOngoing, activeAt }: MarkedAlert, zone: string): string {
  const { time, timeEnd = time } = mark;
  const [from, to] = [timesOf({ time }, zone), timesOf({ time: timeEnd }, zone)];
  if (!isOngoing) return isCut ? `until ${to}, since before ${from}` : `${from} – ${to}`;
  if (!isCut) return `since ${from}`;
  return activeAt === null ? `since before ${from}` : `active since ${timesOf({ time: activeAt }, zone)}`;
}

/** Details of a silence that is marked on a time axis: matchers, times, creator and comment. */
export function SilenceContent({
  mark,
  silence,
  zone,
}: Omit<AlertContentProps, "alert" | "canSilence"> & { readonly silence: MarkedSilence }) {
  const { href, state, createdBy, comment, matchers } = silence;
  return (
    <article className={css("mark")} style={{ borderColor: mark.color }}>
      <header className={css("head")}>
        <strong className={css("title")}>Silence</strong>
        <StateBadge state="suppressed" label={state} />
      </header>
      <time className={css("time")}>{timesOf(mark, zone)}</time>
      <code className={css("title")}>{formatMatchers(matchers)}</code>
      {comment !== "" && (
        <Text size="sm" className={css("text")}>
          {comment}
        </Text>
      )}
      <Group gap="sm">
        <Text size="sm" c="dimmed">
          by {createdBy}
        </Text>
        <PageLink href={href}>{state === "active" ? "Show or expire it" : "Show it"}</PageLink>
      </Group>
    </article>
  );
}

import { CopyButton } from "@mantine/core";
import { formatTime, type ResolvedDataLink } from "@narthex/dashboards";
import { IconCopy, IconX } from "@tabler/icons-react";
import { type ReactNode, useMemo } from "react";
import { addressOf } from "../../../shell/link-anchor.ts";
import { classesOf } from "../../../shell/style-sheet.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import { durationText } from "./duration-text.ts";
import type { Trace, TraceSpan } from "./read-trace.ts";
import { type Attribute, spanDetails, type SpanReference } from "./span-details.ts";
import styles from "./SpanDetailsPane.module.css";

const css = classesOf(styles);

interface SpanDetailsPaneProps {
  readonly trace: Trace;
  readonly span: TraceSpan;
  readonly context: PanelContext;
  readonly onClose: () => void;
  /** Opens another span of the same trace. */
  readonly onSpan: (id: string) => void;
  readonly hasSpan: (id: string) => boolean;
}

/** The details of a span: its times, links, attributes, events, references and stack traces. */
export function SpanDetailsPane({ trace, span, context, onClose, onSpan, hasSpan }: SpanDetailsPaneProps) {
  const details = useMemo(() => spanDetails(trace, span), [trace, span]);
  const links = useMemo(() => linksOfSpan(trace, span, context.linksOf), [trace, span, context.linksOf]);
  const copied = useMemo(() => JSON.stringify({ ...identity(span), ...details }, null, 2), [span, details]);
  const facts: readonly Attribute[] = [
    { key: "Duration", value: durationText(span.duration) },
    { key: "Start", value: `${durationText(span.start - trace.start)} after the start of the trace` },
    { key: "Time", value: formatTime(span.start, context.zone, "YYYY-MM-DD HH:mm:ss.SSS") },
    { key: "Kind", value: span.kind },
    { key: "Status", value: [details.statusCode, details.statusMessage].filter(Boolean).join(": ") },
    { key: "Library", value: details.library },
    { key: "Trace state", value: details.traceState },
    { key: "Span ID", value: span.id },
  ].filter(({ value }) => value !== "");
  return (
    <div role="region" className={css("pane")} aria-label={`Details of ${span.name}`} tabIndex={0}>
      <div className={css("head")}>
        <strong className={css("title")}>
          {span.service} {span.name}
        </strong>
        <Copy text={copied} label="Copy span" />
        <button type="button" className={css("tool")} aria-label="Close details" onClick={onClose}>
          <IconX size={15} aria-hidden />
        </button>
      </div>
      {links.length > 0 && (
        <p className={css("links")}>
          {links.map((link, at) => (
            <a key={at} {...addressOf(link)}>
              {link.title}
            </a>
          ))}
        </p>
      )}
      <Attributes attributes={facts} />
      <Section title="Attributes" count={details.attributes.length}>
        <Attributes attributes={details.attributes} />
      </Section>
      <Section title="Resource" count={details.resource.length}>
        <Attributes attributes={details.resource} />
      </Section>
      <Section title="Events" count={details.events.length}>
        {details.events.map(({ time, name, attributes }, at) => (
          <div key={at} className={css("event")}>
            <b>{name || "Event"}</b>
            {time !== null && <span className={css("quiet")}> at {durationText(time - trace.start)}</span>}
            <Attributes attributes={attributes} />
          </div>
        ))}
      </Section>
      <Section title="References" count={details.references.length}>
        {details.references.map((reference, at) => (
          <Reference key={at} {...{ reference, span, onSpan, hasSpan }} />
        ))}
      </Section>
      <Section title="Warnings" count={details.warnings.length}>
        {details.warnings.map((warning, at) => (
          <p key={at} className={css("warning")}>
            {warning}
          </p>
        ))}
      </Section>
      <Section title="Stack traces" count={details.stackTraces.length}>
        {details.stackTraces.map((stack, at) => (
          <div key={at}>
            <Copy text={stack} label="Copy stack trace" />
            <pre className={css("stack")}>{stack}</pre>
          </div>
        ))}
      </Section>
      {details.hidden > 0 && (
        <p className={css("quiet")}>{details.hidden} more entries are not listed. “Inspect” shows all data.</p>
      )}
    </div>
  );
}

const identity = ({ traceId, id, parentId, service, name, start, duration }: TraceSpan) => ({
  traceId,
  spanId: id,
  parentId,
  service,
  name,
  start,
  duration,
});

/** Returns the links of all fields in the span's row. Several fields may have the same link; it is listed once. */
function linksOfSpan(
  { frame }: Trace,
  { row }: TraceSpan,
  linksOf: PanelContext["linksOf"],
): readonly ResolvedDataLink[] {
  const links = new Map<string, ResolvedDataLink>();
  for (const field of frame.fields)
    for (const link of linksOf({ frame, field, row })) links.set(`${link.title}\n${link.href}`, link);
  return Array.from(links.values());
}

function Section({ title, count, children }: { title: string; count: number; children: ReactNode }) {
  if (count === 0) return null;
  return (
    <details open className={css("section")}>
      <summary>
        {title} ({count})
      </summary>
      {children}
    </details>
  );
}

function Attributes({ attributes }: { attributes: readonly Attribute[] }) {
  return (
    <dl className={css("attributes")}>
      {attributes.map(({ key, value }, at) => (
        <div key={at} className={css("attribute")}>
          <dt>{key}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface ReferenceProps extends Pick<SpanDetailsPaneProps, "onSpan" | "hasSpan" | "span"> {
  readonly reference: SpanReference;
}

function Reference({ reference, span, onSpan, hasSpan }: ReferenceProps) {
  const isHere = reference.traceId === "" || reference.traceId === span.traceId;
  return (
    <div className={css("event")}>
      {isHere && hasSpan(reference.spanId) ? (
        <button type="button" className={css("tool")} onClick={() => onSpan(reference.spanId)}>
          Span {reference.spanId}
        </button>
      ) : (
        <span>
          Span <code>{reference.spanId}</code>
          {!isHere && (
            <>
              {" "}
              of trace <code>{reference.traceId}</code>
            </>
          )}
        </span>
      )}
      <Attributes attributes={reference.attributes} />
    </div>
  );
}

function Copy({ text, label }: { text: string; label: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <button type="button" className={css("tool")} onClick={copy}>
          <IconCopy size={13} aria-hidden /> {copied ? "Copied" : label}
        </button>
      )}
    </CopyButton>
  );
}

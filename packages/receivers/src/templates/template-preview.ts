import type { Printable } from "@narthex/config";
import { Labels } from "@narthex/model";
import type { RenderLimits } from "@narthex/template";
import type { Notification, NotificationAlert } from "@narthex/notification";
import type { ConfiguredIntegration, ReceiverConfig } from "../receiver-section.ts";
import { isTemplateFault, type Renderer } from "./renderer.ts";
import { isPrintedMap, printedMember } from "../printed-section.ts";

/** Any client of the API may write the template: limited to a fraction of a second, and to what a page can show. */
export const PREVIEW_LIMITS: RenderLimits = { steps: 500_000, length: 2 * 1024 * 1024 };

/** A template and how it is rendered. */
export interface PreviewTemplate {
  readonly template: string;
  /** Values are escaped for HTML. */
  readonly html: boolean;
}

/** What a template gives, or why it fails. */
export type Preview = { readonly ok: true; readonly output: string } | { readonly ok: false; readonly problem: string };

/** Renders one template with the named templates of a configuration. */
export function previewTemplate(
  renderer: Renderer,
  { template, html }: PreviewTemplate,
  notification: Notification,
): Preview {
  const rendering = renderer.for(notification, PREVIEW_LIMITS);
  try {
    return { ok: true, output: html ? rendering.html(template) : rendering.text(template) };
  } catch (error) {
    if (isTemplateFault(error)) return { ok: false, problem: error.message };
    throw error;
  }
}

/** Which field of a receiver is meant. */
export interface FieldAddress {
  /** `email`, `slack` …; "" where the receiver has one integration alone. */
  readonly integration: string;
  readonly index: number;
  /** As the file names it; parts of lists and maps after a dot: `title`, `headers.Subject`, `fields.0.value`. */
  readonly field: string;
}

/** The template that a receiver's field holds, defaults filled in, secrets hidden; a sentence when there is none. */
export function fieldTemplate(receiver: ReceiverConfig, address: FieldAddress): PreviewTemplate | string {
  const found = integrationOf(receiver, address);
  if (typeof found === "string") return found;
  const { kind, config } = found;
  const section = kind.section.encode(config);
  const value = address.field
    .split(".")
    .reduce<Printable | undefined>((at, part) => (at === undefined ? undefined : printedMember(at, part)), section);
  if (typeof value === "string") return { template: value, html: kind.rendersHtml?.(address.field, section) ?? false };
  const known = isPrintedMap(section)
    ? section.entries.flatMap(([name, each]) => (typeof each === "string" ? [name] : []))
    : [];
  return `${kind.kind}[${found.index}] has no text ${JSON.stringify(address.field)}; those it has: ${known.join(", ")}`;
}

function integrationOf(
  { name, integrations }: ReceiverConfig,
  { integration, index }: FieldAddress,
): ConfiguredIntegration | string {
  const all = integrations.map((each) => `${each.kind.kind}[${each.index}]`).join(", ");
  const [only] = integrations;
  if (integration === "" && only !== undefined && integrations.length === 1) return only;
  if (integration === "") return `receiver ${JSON.stringify(name)} has ${all || "no integrations"}: name one`;
  const found = integrations.find((each) => each.kind.kind === integration && each.index === index);
  return (
    found ?? `receiver ${JSON.stringify(name)} has no ${integration}[${index}]; it has ${all || "no integrations"}`
  );
}

const MINUTE_MS = 60_000;

/** A notification to try templates on: one alert fires, one is resolved. */
export function sampleNotification(receiver: string, externalUrl: string, now: number): Notification {
  const common = { alertname: "HighErrorRate", job: "shop", severity: "critical" };
  const alert = (instance: string, change: Partial<NotificationAlert>): NotificationAlert => ({
    labels: Labels.of({ ...common, instance }),
    annotations: Labels.of({
      summary: `${instance} answers with errors`,
      description: "5 % of the answers in the last ten minutes had a status of 500 or above.",
      runbook_url: "https://example.org/runbooks/high-error-rate",
    }),
    startsAt: now - 10 * MINUTE_MS,
    endsAt: 0,
    resolved: false,
    generatorUrl: "http://localhost:9090/graph?g0.expr=errors%3Arate10m+%3E+0.05&g0.tab=1",
    fingerprint: "b807e636403824b5",
    ...change,
  });
  return {
    receiver,
    alerts: [
      alert("shop-1:8080", {}),
      alert("shop-2:8080", {
        resolved: true,
        endsAt: now - MINUTE_MS,
        fingerprint: "d7c1dfd45bd2d6f7",
      }),
    ],
    reason: "first notification",
    groupLabels: Labels.of({ alertname: common.alertname }),
    routeLabels: new Map(),
    externalUrl,
    groupKey: '{}:{alertname="HighErrorRate"}',
    data: {},
    maxRetryAfterMs: 0,
  };
}

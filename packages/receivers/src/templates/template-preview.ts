import type { Printable } from "@narthex/config";
import { Labels } from "@narthex/model";
import type { RenderLimits } from "@narthex/template";
import type { Notification, NotificationAlert } from "@narthex/notification";
import type { ConfiguredIntegration, ReceiverConfig } from "../receiver-section.ts";
import { isTemplateFault, type Renderer } from "./renderer.ts";
import { isPrintedMap, printedMember } from "../printed-section.ts";

/**
 * Limits for rendering a preview: a fraction of a second, and a size that a page can show. Any client of the API may
 * send the template.
 */
const PREVIEW_LIMITS: RenderLimits = { steps: 500_000, length: 2 * 1024 * 1024 };

export interface PreviewTemplate {
  readonly template: string;
  /** True if values are escaped for HTML. */
  readonly html: boolean;
}

export type Preview = { readonly ok: true; readonly output: string } | { readonly ok: false; readonly problem: string };

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

/** Identifies a field of a receiver. */
export interface FieldAddress {
  /** Kind of the integration, such as `email` or `slack`. "" if the receiver has only one integration. */
  readonly integration: string;
  readonly index: number;
  /** Name as in the file. Parts of lists and maps follow a dot: `title`, `headers.Subject`, `fields.0.value`. */
  readonly field: string;
}

/** Returns the template in a field of a receiver, with defaults filled in and secrets hidden, or an error message. */
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
  return `${kind.kind}[${found.index}] has no text ${JSON.stringify(address.field)}; it has these texts: ${known.join(", ")}`;
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

/** Returns a notification for previews of templates, with a firing and a resolved alert. */
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

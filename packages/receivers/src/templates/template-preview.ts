import type { Printable } from "@narthex/config";
import { GoTime, type RenderLimits } from "@narthex/template";
import type { Notice, NoticeAlert } from "./notice-data.ts";
import type { ConfiguredIntegration, ReceiverConfig } from "../receiver-section.ts";
import { isTemplateFault, type Renderer } from "./renderer.ts";

/** Whoever may call the API may write the template: a fraction of a second, and what a page can show. */
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
export function previewTemplate(renderer: Renderer, { template, html }: PreviewTemplate, notice: Notice): Preview {
  const rendering = renderer.for(notice, PREVIEW_LIMITS);
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
    .reduce<Printable | undefined>((at, part) => (at === undefined ? undefined : memberOf(at, part)), section);
  if (typeof value === "string") return { template: value, html: isHtml(kind.kind, address.field, section) };
  const known = isMap(section)
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

type PrintableMap = Extract<Printable, { readonly entries: unknown }>;

const isMap = (value: Printable): value is PrintableMap =>
  typeof value === "object" && value !== null && "entries" in value;

function memberOf(value: Printable, part: string): Printable | undefined {
  if (isMap(value)) return value.entries.find(([name]) => name === part)?.[1];
  if (typeof value !== "object" || value === null || !/^\d+$/.test(part)) return undefined;
  return value.items[Number(part)];
}

/** Does the kind render this field as HTML? */
function isHtml(kind: string, field: string, section: Printable): boolean {
  if (kind === "email") return field === "html";
  if (kind === "telegram") return field === "message" && memberOf(section, "parse_mode") === "HTML";
  return kind === "pushover" && field === "message" && memberOf(section, "html") === true;
}

const MINUTE_MS = 60_000;

/** A notification to try templates on: one alert fires, one is resolved. */
export function sampleNotice(receiver: string, externalUrl: string, now: number): Notice {
  const common = { alertname: "HighErrorRate", job: "shop", severity: "critical" };
  const alert = (instance: string, change: Partial<NoticeAlert>): NoticeAlert => ({
    status: "firing",
    labels: { ...common, instance },
    annotations: {
      summary: `${instance} answers with errors`,
      description: "5 % of the answers in the last ten minutes had a status of 500 or above.",
      runbook_url: "https://example.org/runbooks/high-error-rate",
    },
    startsAt: GoTime.ofMilliseconds(now - 10 * MINUTE_MS),
    endsAt: GoTime.ZERO,
    generatorUrl: "http://localhost:9090/graph?g0.expr=errors%3Arate10m+%3E+0.05&g0.tab=1",
    fingerprint: "b807e636403824b5",
    ...change,
  });
  return {
    receiver,
    alerts: [
      alert("shop-1:8080", {}),
      alert("shop-2:8080", {
        status: "resolved",
        endsAt: GoTime.ofMilliseconds(now - MINUTE_MS),
        fingerprint: "d7c1dfd45bd2d6f7",
      }),
    ],
    reason: "first notification",
    groupLabels: { alertname: common.alertname },
    routeLabels: {},
    externalUrl,
    groupKey: '{}:{alertname="HighErrorRate"}',
  };
}

import { jsonString } from "@narthex/template";
import {
  PermanentError,
  deliveryFromAnswer,
  hashGroupKey,
  notificationStatus,
  type Delivery,
} from "@narthex/notification";
import { type Attempt, deliveryOutcome } from "../attempt.ts";
import { HttpPoster, isDelivery, type Answer } from "../http/http-poster.ts";
import { jsonObject, jsonUnlessEmpty, sortedJsonObject } from "../http/json.ts";
import { pagerDutySection, type PagerDutyConfig } from "./pagerduty-section.ts";
import { httpConfigOf } from "../http/http-integration.ts";
import { defineReceiver } from "../receiver-kind.ts";
import { isSecretSet, secretFrom } from "../secret-source.ts";
import { renderPayload } from "../templates/payload.ts";
import { isTemplateFault } from "../templates/renderer.ts";
import { truncateRunes } from "../templates/truncate.ts";

/** URL of version 1 of PagerDuty's Events API, which is the same for all accounts. */
const V1_URL = "https://events.pagerduty.com/generic/2010-04-15/create_event.json";

/** Maximum sizes that PagerDuty accepts: a summary in code points, and an event in bytes. */
const MAX_SUMMARY = 1024;
const MAX_EVENT = 512_000;

/** Text that replaces the details of an event if the event would exceed PagerDuty's size limit. */
const TOO_LARGE = sortedJsonObject([
  [
    "error",
    jsonString("Custom details have been removed because the original event exceeds the maximum size of 512KB"),
  ],
]);

/** Sends to PagerDuty's Events API: version 2 with a routing key, version 1 with a service key. */
export const pagerduty = defineReceiver<PagerDutyConfig>({
  key: "pagerduty_configs",
  kind: "pagerduty",
  section: pagerDutySection,
  resolve: (config, globals) => ({
    ...config,
    httpConfig: httpConfigOf(config.httpConfig, globals),
    url: config.url || globals.pagerdutyUrl,
  }),
  async open(config, tools) {
    const poster = await HttpPoster.open(config.httpConfig!, tools);
    const v1 = isSecretSet(config.serviceKey, config.serviceKeyFile);
    const version = v1 ? "PagerDuty v1" : "PagerDuty";
    return {
      send: (attempt) =>
        deliveryOutcome(
          async () => {
            const event = v1 ? eventV1 : eventV2;
            const body = await withinLimit(attempt, config, event);
            const answer = await poster.post(v1 ? V1_URL : config.url, body, {
              ...config,
              service: "pagerduty",
              attempt,
            });
            if (!isDelivery(answer)) return judge(answer, v1);
            return { ...answer, reason: `failed to post message to ${version}: ${answer.reason}` };
          },
          `failed to template PagerDuty ${v1 ? "v1" : "v2"} message: `,
        ),
      close: () => poster.close(),
    };
  },
});

/**
 * Returns the outcome of a PagerDuty request. Status 429, or 403 in version 1, means a rate limit. The error message
 * contains the response body only for status 400.
 */
function judge(answer: Answer, v1: boolean): Delivery {
  const body = answer.status === 400 ? faultOf(answer.body) : "";
  return deliveryFromAnswer({ ...answer, body }, [v1 ? 403 : 429]);
}

function faultOf(body: string): string {
  try {
    const { message = "", errors = [] } = JSON.parse(body) as { message?: string; errors?: readonly string[] };
    return `${message}: ${errors.join(",")}`;
  } catch {
    return "";
  }
}

type Event = (attempt: Attempt, config: PagerDutyConfig, details: string) => Promise<string>;

/** Returns an event as JSON. If the event exceeds PagerDuty's size limit, replaces its details by a short text. */
async function withinLimit(attempt: Attempt, config: PagerDutyConfig, event: Event): Promise<string> {
  const whole = await event(attempt, config, detailsOf(attempt, config));
  return Buffer.byteLength(whole) <= MAX_EVENT ? whole : event(attempt, config, TOO_LARGE);
}

/**
 * Returns the details of an event as JSON. Rendered numbers and lists keep their types, as in the payload of a webhook.
 */
function detailsOf({ render }: Attempt, { details }: PagerDutyConfig): string {
  try {
    return sortedJsonObject(
      [...details].map(([name, value]) => [name, renderPayload(value, (template) => render.text(template))]),
    );
  } catch (error) {
    if (isTemplateFault(error)) throw new PermanentError(`failed to render details: ${error.message}`);
    throw error;
  }
}

async function eventV2(attempt: Attempt, config: PagerDutyConfig, details: string): Promise<string> {
  const { notification, render } = attempt;
  const text = (template: string): string => render.text(template);
  const { routingKey, routingKeyFile } = config;
  const key = attempt.hide(
    text(await secretFrom(attempt, [routingKey, routingKeyFile], "failed to read routing key from file")),
  );
  const payload = jsonObject({
    summary: jsonString(truncateRunes(text(config.description), MAX_SUMMARY)),
    source: jsonString(text(config.source)),
    severity: jsonString(text(config.severity || "error")),
    class: jsonUnlessEmpty(text(config.class)),
    component: jsonUnlessEmpty(text(config.component)),
    group: jsonUnlessEmpty(text(config.group)),
    custom_details: details,
  });
  if (key === "") throw new PermanentError("routing key cannot be empty");
  const event = jsonObject({
    routing_key: jsonString(key),
    dedup_key: jsonString(hashGroupKey(notification.groupKey)),
    event_action: jsonString(notificationStatus(notification) === "firing" ? "trigger" : "resolve"),
    payload,
    client: jsonUnlessEmpty(text(config.client)),
    client_url: jsonUnlessEmpty(text(config.clientUrl)),
    images: listed(
      config.images.map(({ src, alt, href }) => ({ src: text(src), alt: text(alt), href: text(href) })),
      ({ src }) => src !== "",
    ),
    links: listed(
      config.links.map((link) => ({ href: text(link.href), text: text(link.text) })),
      ({ href }) => href !== "",
    ),
  });
  return `${event}\n`;
}

/** Returns the entries of a list for which `points` is true, as JSON, or undefined without such entries. */
function listed<T extends Readonly<Record<string, string>>>(
  entries: readonly T[],
  points: (entry: T) => boolean,
): string | undefined {
  const left = entries
    .filter(points)
    .map((entry) =>
      jsonObject(Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, jsonString(value)]))),
    );
  return left.length === 0 ? undefined : `[${left.join(",")}]`;
}

async function eventV1(attempt: Attempt, config: PagerDutyConfig, details: string): Promise<string> {
  const { notification, render } = attempt;
  const text = (template: string): string => render.text(template);
  const { serviceKey, serviceKeyFile } = config;
  const key = attempt.hide(
    text(await secretFrom(attempt, [serviceKey, serviceKeyFile], "failed to read service key from file")),
  );
  const firing = notificationStatus(notification) === "firing";
  const description = truncateRunes(text(config.description), MAX_SUMMARY);
  if (key === "") throw new PermanentError("service key cannot be empty");
  const event = jsonObject({
    service_key: jsonString(key),
    incident_key: jsonString(hashGroupKey(notification.groupKey)),
    event_type: jsonString(firing ? "trigger" : "resolve"),
    description: jsonUnlessEmpty(description),
    event_action: '""',
    payload: "null",
    client: firing ? jsonUnlessEmpty(text(config.client)) : undefined,
    client_url: firing ? jsonUnlessEmpty(text(config.clientUrl)) : undefined,
    details,
  });
  return `${event}\n`;
}

import { jsonString } from "@narthex/template";
import {
  commonPairs,
  deliveryFromAnswer,
  hashGroupKey,
  notificationStatus,
  type Delivery,
} from "@narthex/notification";
import { type Attempt, deliveryOutcome } from "../attempt.ts";
import { extendPath, withParameter, withTrailingSlash } from "../http/go-url.ts";
import { HttpPoster, isDelivery } from "../http/http-poster.ts";
import { jsonObject, jsonUnlessEmpty, sortedJsonObject } from "../http/json.ts";
import { opsGenieSection, type OpsGenieConfig } from "./opsgenie-section.ts";
import { httpConfigOf, withoutCredentials } from "../http/http-integration.ts";
import { defineReceiver } from "../receiver-kind.ts";
import { isSecretSet, secretFrom } from "../secret-source.ts";
import { truncateRunes } from "../templates/truncate.ts";

/** Maximum length of a message for OpsGenie, in code points. */
const MAX_MESSAGE = 130;

/**
 * Creates, updates (if configured) and closes an OpsGenie alert for each alert group. A hash of the group's key is the
 * alias of the OpsGenie alert.
 */
export const opsgenie = defineReceiver<OpsGenieConfig>({
  key: "opsgenie_configs",
  kind: "opsgenie",
  section: opsGenieSection,
  resolve(config, globals, report) {
    const apiKey = isSecretSet(config.apiKey, "") ? config.apiKey : globals.opsgenieApiKey;
    const apiKeyFile = config.apiKeyFile || globals.opsgenieApiKeyFile;
    if (!isSecretSet(apiKey, apiKeyFile)) {
      const message = "no global OpsGenie API Key set either inline or in a file";
      report(config.place, "opsgenie-key", message, "add api_key here, or opsgenie_api_key under global");
      return undefined;
    }
    const apiUrl = withTrailingSlash(config.apiUrl || globals.opsgenieApiUrl);
    return { ...config, httpConfig: httpConfigOf(config.httpConfig, globals), apiUrl, apiKey, apiKeyFile };
  },
  async open(config, tools) {
    const poster = await HttpPoster.open(withoutCredentials(config.httpConfig!), tools);
    return {
      send: (attempt) =>
        deliveryOutcome(async () => {
          const requests = requestsFor(config, attempt);
          const key = await secretFrom(attempt, [config.apiKey, config.apiKeyFile], "read key_file error");
          const headers = { authorization: `GenieKey ${attempt.hide(attempt.render.text(key))}` };
          return sendInOrder(requests, async ({ method, url, body }) => {
            const answer = await poster.post(url, body, { method, headers, attempt });
            return isDelivery(answer) ? answer : deliveryFromAnswer(answer, [429]);
          });
        }, "templating error: "),
      close: () => poster.close(),
    };
  },
});

interface Request {
  readonly method: "POST" | "PUT";
  readonly url: string;
  readonly body: string;
}

async function sendInOrder(
  requests: readonly Request[],
  send: (request: Request) => Promise<Delivery>,
): Promise<Delivery> {
  for (const request of requests) {
    const delivery = await send(request);
    if (delivery.kind !== "sent") return delivery;
  }
  return { kind: "sent" };
}

function requestsFor(config: OpsGenieConfig, { notification, render }: Attempt): readonly Request[] {
  const text = (template: string): string => render.text(template);
  const alias = hashGroupKey(notification.groupKey);
  const ofAlert = (what: string): string =>
    withParameter(extendPath(config.apiUrl, `v2/alerts/${alias}/${what}`), "identifierType", "alias");
  const source = jsonString(text(config.source));
  if (notificationStatus(notification) === "resolved") {
    return [{ method: "POST", url: ofAlert("close"), body: `${jsonObject({ source })}\n` }];
  }
  const message = truncateRunes(text(config.message), MAX_MESSAGE);
  const description = text(config.description);
  const common = Object.entries(commonPairs(notification.alerts.map(({ labels }) => labels)));
  const own = [...config.details].map(([name, value]) => [name, text(value)] as const);
  const alert = jsonObject({
    alias: jsonString(alias),
    message: jsonString(message),
    description: jsonUnlessEmpty(description),
    details: sortedJsonObject([...common, ...own].map(([name, value]) => [name, jsonString(value)])),
    source,
    responders: listOfJson(respondersOf(config, text)),
    tags: listOfJson(splitList(text(config.tags)).map(jsonString)),
    note: jsonUnlessEmpty(text(config.note)),
    priority: jsonUnlessEmpty(text(config.priority)),
    entity: jsonUnlessEmpty(text(config.entity)),
    actions: listOfJson(splitList(text(config.actions)).map(jsonString)),
  });
  const create: Request = { method: "POST", url: extendPath(config.apiUrl, "v2/alerts"), body: `${alert}\n` };
  if (!config.updateAlerts) return [create];
  const update = (what: string, value: string): Request => ({
    method: "PUT",
    url: ofAlert(what),
    body: `${jsonObject({ [what]: jsonUnlessEmpty(value) })}\n`,
  });
  return [create, update("message", message), update("description", description)];
}

/**
 * Returns the responders as JSON. Omits responders whose fields are all empty after rendering. `teams` becomes one
 * responder for each team.
 */
function respondersOf({ responders }: OpsGenieConfig, text: (template: string) => string): string[] {
  return responders.flatMap((responder) => {
    const [id, name, username, type] = [responder.id, responder.name, responder.username, responder.type].map(text);
    if (`${id}${name}${username}${type}` === "") return [];
    if (type === "teams") {
      // Does not render the rendered team name again, because label values in it must not be treated as templates.
      return splitList(name!).map((team) => jsonObject({ name: jsonUnlessEmpty(team), type: '"team"' }));
    }
    return [
      jsonObject({
        id: jsonUnlessEmpty(id!),
        name: jsonUnlessEmpty(name!),
        username: jsonUnlessEmpty(username!),
        type: jsonString(type!),
      }),
    ];
  });
}

const listOfJson = (items: readonly string[]): string | undefined =>
  items.length === 0 ? undefined : `[${items.join(",")}]`;

/** Splits a text at commas. Omits empty parts, and keeps blanks within parts. */
const splitList = (list: string): string[] =>
  list
    .trim()
    .split(",")
    .filter((entry) => entry !== "");

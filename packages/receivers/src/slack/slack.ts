import type { Position, Report } from "@narthex/config";
import { deliveryFromAnswer, rejected, retry, type Delivery } from "@narthex/notification";
import type { ReceiverGlobals } from "../global-section.ts";
import { HttpPoster, isDelivery, type Answer } from "../http/http-poster.ts";
import { httpConfigOf } from "../http/http-integration.ts";
import { defineReceiver, type Sender, type SenderTools } from "../receiver-kind.ts";
import { isSecretSet, secretFrom } from "../secret-source.ts";
import { openApp } from "./slack-app.ts";
import { SLACK_API, channelOf, withChannel, updateUrl, withMessage } from "./slack-delivery.ts";
import { slackBody } from "./slack-message.ts";
import { slackSection, type SlackConfig } from "./slack-section.ts";

/** Sends to Slack: to an incoming webhook by its URL, or to the Web API with an app's token. */
export const slack = defineReceiver<SlackConfig>({
  key: "slack_configs",
  kind: "slack",
  section: slackSection,
  showsContext: true,
  target: ({ channel }) => channel,
  resolve(config, globals, report) {
    const resolved = resolveSlack(config, globals);
    const problem = problemOf(resolved);
    if (problem === undefined) return resolved;
    reportAt(config.place, report, problem);
    return undefined;
  },
  open: (config, tools) =>
    isSecretSet(config.appToken, config.appTokenFile) ? openApp(config, tools) : openWebhook(config, tools),
});

/**
 * Returns the settings with missing values from `global`. The token in `global` has precedence over the URL in
 * `global`, unless the receiver has its own authorization.
 */
function resolveSlack(config: SlackConfig, globals: ReceiverGlobals): SlackConfig {
  const { slackApiUrl, slackApiUrlFile, slackAppToken, slackAppTokenFile } = globals;
  const httpConfig = httpConfigOf(config.httpConfig, globals);
  const appUrl = config.appUrl === "" ? globals.slackAppUrl : config.appUrl;
  const common = { ...config, httpConfig, appUrl };
  if (isSecretSet(config.apiUrl, config.apiUrlFile) || isSecretSet(config.appToken, config.appTokenFile)) return common;
  if (isSecretSet(slackAppToken, slackAppTokenFile) && config.httpConfig?.authorization === undefined) {
    return { ...common, appToken: slackAppToken, appTokenFile: slackAppTokenFile };
  }
  return { ...common, apiUrl: slackApiUrl, apiUrlFile: slackApiUrlFile };
}

function problemOf(config: SlackConfig): readonly [message: string, hint: string] | undefined {
  const { apiUrl, apiUrlFile, appToken, appTokenFile, httpConfig, updateMessage } = config;
  const hasToken = isSecretSet(appToken, appTokenFile);
  if (!hasToken && !isSecretSet(apiUrl, apiUrlFile)) {
    const message = "no Slack API URL nor App token set either inline or in a file";
    return [message, "add api_url here, or slack_api_url under global"];
  }
  if (hasToken && httpConfig?.authorization !== undefined) {
    const message = "http authorization can't be set when using Slack App tokens";
    return [message, "remove http_config.authorization"];
  }
  if (updateMessage && !hasToken && apiUrl?.reveal() !== SLACK_API) {
    const message = `update_message can only be used with bot tokens. api_url must be set to ${SLACK_API}`;
    return [message, "set app_token, or api_url and the token as http_config.authorization"];
  }
  return undefined;
}

const reportAt = (place: Position, report: Report, [message, hint]: readonly [string, string]): void =>
  report(place, "slack-config", message, hint);

/** Opens a sender that posts to an incoming webhook, or as JSON to the Web API, as Alertmanager does. */
async function openWebhook(config: SlackConfig, tools: SenderTools): Promise<Sender> {
  const poster = await HttpPoster.open(config.httpConfig!, tools);
  return {
    send: (attempt) =>
      withMessage(config, attempt, async (message) => {
        const address = await secretFrom(attempt, [config.apiUrl, config.apiUrlFile]);
        const url = "ts" in message ? updateUrl(address) : address;
        const options = { timeoutMs: config.timeoutMs, service: "slack", attempt };
        const answer = await poster.post(url, slackBody(message), options);
        return isDelivery(answer) ? answer : withChannel(judge(answer, config.updateMessage), channelOf(message));
      }),
    close: () => poster.close(),
  };
}

function judge(answer: Answer, keepId: boolean): Delivery {
  const delivery = deliveryFromAnswer(answer);
  if (delivery.kind !== "sent") return delivery;
  const { body, contentType } = answer;
  if (!contentType.startsWith("application/json")) {
    if (body === "ok") return delivery;
    return rejected(`received an error response from Slack: ${body}`, "clientError");
  }
  let said: { ok?: unknown; error?: string; ts?: unknown; channel?: unknown };
  try {
    said = JSON.parse(body) as typeof said;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return retry(`could not unmarshal JSON response ${JSON.stringify(body)}: ${reason}`, "clientError");
  }
  const { ok, error, ts, channel } = said;
  if (ok !== true) return rejected(`error response from Slack: ${error ?? ""}`, "clientError");
  return keepId && typeof ts === "string" && typeof channel === "string" && ts !== "" && channel !== ""
    ? { kind: "sent", data: { threadTs: ts, channelId: channel } }
    : delivery;
}

import { field, INVALID, section, text } from "@narthex/config";
import { goJson } from "@narthex/http";
import type { Attempt } from "../attempt.ts";
import { httpConfigOf, httpIntegration, type HttpIntegration } from "../http/http-integration.ts";
import { present } from "../http/json.ts";
import { openPostSender } from "../http/post-sender.ts";
import { webUrl } from "../http/web-url.ts";
import { defineReceiver, type IntegrationConfig } from "../receiver-kind.ts";
import { truncateBytes } from "../templates/truncate.ts";

/** Settings of one entry of `webex_configs`. Message and room are templates. */
export interface WebexConfig extends IntegrationConfig, HttpIntegration {
  readonly apiUrl: string;
  readonly message: string;
  readonly roomId: string;
}

const webexSection = section<Omit<WebexConfig, "place">, WebexConfig>(
  "config.plain",
  {
    ...httpIntegration(true),
    apiUrl: field("api_url", webUrl, ""),
    message: field("message", text, '{{ template "webex.default.message" . }}'),
    roomId: field("room_id", text, "", true),
  },
  (value, at, report) => {
    if (value.roomId === "") {
      report(at.self, "webex-room", "missing room_id on webex_config", "add room_id");
      return INVALID;
    }
    if (value.httpConfig?.authorization === undefined) {
      const message = "missing webex_configs.http_config.authorization";
      report(at.self, "webex-authorization", message, "add the bot's token as http_config.authorization.credentials");
      return INVALID;
    }
    return { ...value, place: at.self };
  },
);

/** Sends to a Webex room with the token of a bot. */
export const webex = defineReceiver<WebexConfig>({
  key: "webex_configs",
  kind: "webex",
  section: webexSection,
  resolve(config, globals, report) {
    const apiUrl = config.apiUrl === "" ? globals.webexApiUrl : config.apiUrl;
    if (apiUrl !== "") return { ...config, apiUrl, httpConfig: httpConfigOf(config.httpConfig, globals) };
    report(config.place, "webex-url", "no global Webex URL set", "add api_url here, or webex_api_url under global");
    return undefined;
  },
  open: (config, tools) =>
    openPostSender(config.httpConfig!, tools, async (attempt) => ({
      url: config.apiUrl,
      body: `${goJson(messageOf(config, attempt))}\n`,
    })),
});

/** Maximum size of a message that Webex accepts, in UTF-8 bytes. */
const MAX_MESSAGE = 7439;

const messageOf = (config: WebexConfig, { render }: Attempt): object => ({
  markdown: truncateBytes(render.text(config.message), MAX_MESSAGE),
  ...present({ roomId: render.text(config.roomId) }),
});

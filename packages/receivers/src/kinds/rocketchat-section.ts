import {
  field,
  flag,
  INVALID,
  listOf,
  optional,
  type FieldPositions,
  type Report,
  type Secret,
  secret,
  section,
  text,
} from "@narthex/config";
import type { ReceiverGlobals } from "../global-section.ts";
import { httpConfigOf, httpIntegration, type HttpIntegration } from "../http/http-integration.ts";
import { webUrl } from "../http/web-url.ts";
import type { IntegrationConfig } from "../receiver-kind.ts";
import { conflictingSecretSources } from "../secret-source.ts";

export interface RocketchatField {
  readonly title: string;
  readonly value: string;
  /** True for a short field. If undefined, `short_fields` is used. */
  readonly short: boolean | undefined;
}

/** A button of a message. Has only the fields that Alertmanager sends; Rocket.Chat supports more. */
interface RocketchatAction {
  readonly text: string;
  readonly url: string;
  readonly msg: string;
}

/** Settings of one entry of `rocketchat_configs`. Texts are templates. */
export interface RocketchatConfig extends IntegrationConfig, HttpIntegration {
  readonly apiUrl: string;
  readonly tokenId: Secret | undefined;
  readonly tokenIdFile: string;
  readonly token: Secret | undefined;
  readonly tokenFile: string;
  readonly channel: string;
  readonly color: string;
  readonly title: string;
  readonly titleLink: string;
  readonly text: string;
  readonly fields: readonly RocketchatField[];
  readonly shortFields: boolean;
  readonly emoji: string;
  readonly iconUrl: string;
  readonly imageUrl: string;
  readonly thumbUrl: string;
  readonly actions: readonly RocketchatAction[];
}

interface RawRocketchat extends Omit<RocketchatConfig, "place"> {
  readonly linkNames: boolean;
}

const rocketchatField = section<RocketchatField>("rocketchat.RocketchatAttachmentField", {
  short: { ...optional("short", flag), always: true },
  title: field("title", text, "", true),
  value: field("value", text, "", true),
});

interface RawAction extends RocketchatAction {
  readonly type: string;
  readonly imageUrl: string;
  readonly isWebView: boolean;
  readonly webviewHeightRatio: string;
  readonly msgInChatWindow: boolean;
  readonly msgProcessingType: string;
}

/**
 * Section for a button of a message. Alertmanager defines no names for the keys, so they are Go's field names in lower
 * case.
 */
const rocketchatAction = section<RawAction>("rocketchat.RocketchatAttachmentAction", {
  type: field("type", text, "", true),
  text: field("text", text, "", true),
  url: field("url", text, "", true),
  imageUrl: field("imageurl", text, "", true),
  isWebView: field("iswebview", flag, false, true),
  webviewHeightRatio: field("webviewheightratio", text, "", true),
  msg: field("msg", text, "", true),
  msgInChatWindow: field("msginchatwindow", flag, false, true),
  msgProcessingType: field("msgprocessingtype", text, "", true),
});

const named = (name: string): string => `{{ template "rocketchat.default.${name}" . }}`;

export const rocketchatSection = section<RawRocketchat, RocketchatConfig>(
  "rocketchat.plain",
  {
    ...httpIntegration(false),
    apiUrl: field("api_url", webUrl, ""),
    tokenId: optional("token_id", secret),
    tokenIdFile: field("token_id_file", text, ""),
    token: optional("token", secret),
    tokenFile: field("token_file", text, ""),
    channel: field("channel", text, ""),
    color: field("color", text, '{{ if eq .Status "firing" }}red{{ else }}green{{ end }}'),
    title: field("title", text, named("title")),
    titleLink: field("title_link", text, named("titlelink")),
    text: field("text", text, named("text")),
    fields: field("fields", listOf(rocketchatField, { goType: "[]*rocketchat.RocketchatAttachmentField" }), []),
    shortFields: field("short_fields", flag, false, true),
    emoji: field("emoji", text, named("emoji")),
    iconUrl: field("icon_url", text, named("iconurl")),
    imageUrl: field("image_url", text, ""),
    thumbUrl: field("thumb_url", text, ""),
    linkNames: field("link_names", flag, false, true),
    actions: field(
      "actions",
      listOf(rocketchatAction, { goType: "[]*rocketchat.RocketchatAttachmentAction" }) as never,
      [],
    ),
  },
  check,
);

function check(
  value: RawRocketchat,
  at: FieldPositions<RawRocketchat>,
  report: Report,
): RocketchatConfig | typeof INVALID {
  const refuse = (name: string, position: typeof at.self): typeof INVALID => {
    report(position, "two-sources", conflictingSecretSources(name), "keep one of the two");
    return INVALID;
  };
  if (value.token !== undefined && value.tokenFile !== "") return refuse("token", at.tokenFile);
  if (value.tokenId !== undefined && value.tokenIdFile !== "") return refuse("token_id", at.tokenIdFile);
  return { ...value, place: at.self };
}

/**
 * Returns the Rocket.Chat settings, with missing values taken from `global`. Returns undefined after an error was
 * reported.
 */
export function resolveRocketchat(
  config: RocketchatConfig,
  globals: ReceiverGlobals,
  report: Report,
): RocketchatConfig | undefined {
  const refuse = (name: string, key: string): undefined => {
    const message = `no global Rocketchat ${name} set either inline or in a file`;
    report(config.place, "rocketchat-token", message, `add ${key} here, or rocketchat_${key} under global`);
  };
  const tokenId = config.tokenId ?? globals.rocketchatTokenId;
  const tokenIdFile = config.tokenIdFile === "" ? globals.rocketchatTokenIdFile : config.tokenIdFile;
  if (tokenId === undefined && tokenIdFile === "") return refuse("TokenID", "token_id");
  const token = config.token ?? globals.rocketchatToken;
  const tokenFile = config.tokenFile === "" ? globals.rocketchatTokenFile : config.tokenFile;
  if (token === undefined && tokenFile === "") return refuse("Token", "token");
  const apiUrl = config.apiUrl === "" ? globals.rocketchatApiUrl : config.apiUrl;
  const httpConfig = httpConfigOf(config.httpConfig, globals);
  return { ...config, httpConfig, apiUrl, tokenId, tokenIdFile, token, tokenFile };
}

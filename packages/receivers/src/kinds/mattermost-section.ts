import { field, flag, INVALID, listOf, optional, type Report, section, text } from "@narthex/config";
import type { ReceiverGlobals } from "../global-section.ts";
import { httpConfigOf, httpIntegration, type HttpIntegration } from "../http/http-integration.ts";
import { checkExactlyOneUrl, hasWebhookUrl, type WebhookUrl, webhookUrlFields } from "./webhook-url.ts";
import type { IntegrationConfig } from "../receiver-kind.ts";

interface MattermostField {
  readonly title: string;
  readonly value: string;
  /**
   * Whether the attachment field is short enough to be shown next to other fields. Undefined if the setting is missing.
   */
  readonly short: boolean | undefined;
}

/** Settings of an attachment of a message. Its texts are templates. */
export interface MattermostAttachment {
  readonly text: string;
  readonly fallback: string;
  readonly color: string;
  readonly pretext: string;
  readonly authorName: string;
  readonly authorLink: string;
  readonly authorIcon: string;
  readonly title: string;
  readonly titleLink: string;
  readonly fields: readonly MattermostField[];
  readonly thumbUrl: string;
  readonly footer: string;
  readonly footerIcon: string;
  readonly imageUrl: string;
}

export interface MattermostPriority {
  /** A template whose result is `urgent`, `important` or `standard`. */
  readonly priority: string;
  readonly requestedAck: boolean;
  readonly persistentNotifications: boolean;
}

/**
 * Settings of one entry of `mattermost_configs`. If `attachments` is empty, the message has one attachment, which
 * consists of the attachment fields of this entry.
 */
export interface MattermostConfig extends IntegrationConfig, HttpIntegration, WebhookUrl, MattermostAttachment {
  readonly channel: string;
  readonly username: string;
  readonly iconUrl: string;
  readonly iconEmoji: string;
  readonly attachments: readonly MattermostAttachment[];
  readonly type: string;
  readonly props: { readonly card: string } | undefined;
  readonly priority: MattermostPriority | undefined;
}

const mattermostField = section<MattermostField>(
  "mattermost.plain",
  { title: field("title", text, ""), value: field("value", text, ""), short: optional("short", flag) },
  (value, at, report) => {
    const missing = value.title === "" ? "title" : value.value === "" ? "value" : undefined;
    if (missing === undefined) return value;
    report(at.self, "mattermost-field", `missing ${missing} in Mattermost field configuration`, `add ${missing}`);
    return INVALID;
  },
);

const linkFields = {
  authorName: field("author_name", text, ""),
  authorLink: field("author_link", text, ""),
  authorIcon: field("author_icon", text, ""),
};

const endFields = {
  fields: field("fields", listOf(mattermostField, { goType: "[]*mattermost.MattermostField" }), []),
  thumbUrl: field("thumb_url", text, ""),
  footer: field("footer", text, ""),
  footerIcon: field("footer_icon", text, ""),
  imageUrl: field("image_url", text, ""),
};

const attachment = section<MattermostAttachment>("mattermost.MattermostAttachment", {
  fallback: field("fallback", text, ""),
  color: field("color", text, ""),
  pretext: field("pretext", text, ""),
  text: field("text", text, ""),
  ...linkFields,
  title: field("title", text, ""),
  titleLink: field("title_link", text, ""),
  ...endFields,
});

const props = section<{ readonly card: string }>("mattermost.MattermostProps", { card: field("card", text, "") });

const priority = section<MattermostPriority>("mattermost.MattermostPriority", {
  priority: field("priority", text, ""),
  requestedAck: field("requested_ack", flag, false),
  persistentNotifications: field("persistent_notifications", flag, false),
});

const named = (name: string): string => `{{ template "mattermost.default.${name}" . }}`;

export const mattermostSection = section<Omit<MattermostConfig, "place">, MattermostConfig>(
  "mattermost.plain",
  {
    ...httpIntegration(true),
    ...webhookUrlFields,
    channel: field("channel", text, ""),
    username: field("username", text, named("username")),
    text: field("text", text, named("text")),
    fallback: field("fallback", text, named("fallback")),
    color: field("color", text, named("color")),
    pretext: field("pretext", text, ""),
    ...linkFields,
    title: field("title", text, named("title")),
    titleLink: field("title_link", text, named("titlelink")),
    ...endFields,
    iconUrl: field("icon_url", text, ""),
    iconEmoji: field("icon_emoji", text, ""),
    attachments: field("attachments", listOf(attachment, { goType: "[]*mattermost.MattermostAttachment" }), []),
    type: field("type", text, ""),
    props: optional("props", props),
    priority: optional("priority", priority),
  },
  (value, at, report) => (checkExactlyOneUrl(value, at, report) ? { ...value, place: at.self } : INVALID),
);

/**
 * Returns the Mattermost settings, with missing values taken from `global`. Returns undefined after an error was
 * reported.
 */
export function resolveMattermost(
  config: MattermostConfig,
  globals: ReceiverGlobals,
  report: Report,
): MattermostConfig | undefined {
  const httpConfig = httpConfigOf(config.httpConfig, globals);
  if (hasWebhookUrl(config)) return { ...config, httpConfig };
  const shared = { webhookUrl: globals.mattermostWebhookUrl, webhookUrlFile: globals.mattermostWebhookUrlFile };
  if (hasWebhookUrl(shared)) return { ...config, ...shared, httpConfig };
  const message = "missing webhook_url or webhook_url_file on mattermost_config";
  report(config.place, "mattermost-url", message, "add webhook_url here, or mattermost_webhook_url under global");
  return undefined;
}

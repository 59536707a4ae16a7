import {
  fieldTable,
  flag,
  keyValues,
  objects,
  onlyIn,
  refusedFile,
  secret,
  secretUrl,
  text,
  wholeNumber,
} from "./field-table.ts";
import { httpConfig } from "./http-config.ts";

const sendResolved = flag("send_resolved");

export const opsgenie = fieldTable({
  sendResolved,
  apiKey: secret("api_key"),
  apiURL: text("api_url"),
  message: text("message"),
  description: text("description"),
  source: text("source"),
  tags: text("tags"),
  note: text("note"),
  priority: text("priority"),
  updateAlerts: onlyIn("v1alpha1", flag("update_alerts")),
  details: keyValues("details"),
  responders: objects(
    "responders",
    fieldTable({ id: text("id"), name: text("name"), username: text("username"), type: text("type") }),
  ),
  httpConfig,
  entity: text("entity"),
  actions: text("actions"),
});

export const pagerduty = fieldTable({
  sendResolved,
  routingKey: secret("routing_key"),
  serviceKey: secret("service_key"),
  url: text("url"),
  client: text("client"),
  clientURL: text("client_url"),
  description: text("description"),
  severity: text("severity"),
  class: text("class"),
  group: text("group"),
  component: text("component"),
  details: keyValues("details"),
  pagerDutyImageConfigs: objects("images", fieldTable({ src: text("src"), href: text("href"), alt: text("alt") })),
  // In the API, the text of a link is called `alt`.
  pagerDutyLinkConfigs: objects("links", fieldTable({ href: text("href"), alt: text("text") })),
  httpConfig,
  source: text("source"),
  timeout: text("timeout"),
});

export const pushover = fieldTable({
  sendResolved,
  userKey: secret("user_key"),
  userKeyFile: refusedFile("userKey"),
  token: secret("token"),
  tokenFile: refusedFile("token"),
  title: text("title"),
  message: text("message"),
  url: text("url"),
  urlTitle: text("url_title"),
  ttl: text("ttl"),
  device: text("device"),
  sound: text("sound"),
  priority: text("priority"),
  retry: text("retry"),
  expire: text("expire"),
  html: flag("html"),
  monospace: flag("monospace"),
  httpConfig,
});

export const victorops = fieldTable({
  sendResolved,
  apiKey: secret("api_key"),
  apiUrl: text("api_url"),
  routingKey: text("routing_key"),
  messageType: text("message_type"),
  entityDisplayName: text("entity_display_name"),
  stateMessage: text("state_message"),
  monitoringTool: text("monitoring_tool"),
  customFields: keyValues("custom_fields"),
  httpConfig,
});

const plainUrl = text("url");

export const webhook = fieldTable({
  sendResolved,
  url: {
    name: "url",
    // As with the operator, urlSecret has precedence.
    read: (fields, key, context) => (fields.isEmpty("urlSecret") ? plainUrl.read(fields, key, context) : undefined),
  },
  urlSecret: secretUrl("url"),
  httpConfig,
  maxAlerts: wholeNumber("max_alerts"),
  timeout: text("timeout"),
  payload: text("payload"),
});

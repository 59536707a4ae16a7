import type { ServiceAnswer } from "./fake-service.ts";
import { json, type ReceiverRow, through } from "./receiver-row.ts";

const SUMMARIES = "{{ range .Alerts }}{{ .Annotations.summary }}{{ end }}";

const posted = (): ServiceAnswer => json({ ok: true, channel: "C1", ts: "1700000000.000100" });

const everyField = {
  channel: "#{{ .Status }}",
  username: "",
  color: "{{ .CommonLabels.severity }}",
  title: SUMMARIES,
  title_link: "http://l?{{ .Status }}",
  pretext: "p <b>",
  text: SUMMARIES,
  message_text: "m {{ .CommonLabels.nothing }}",
  footer: "f",
  fallback: "fb",
  callback_id: "c",
  icon_emoji: ":x:",
  icon_url: "http://i",
  image_url: "http://im",
  thumb_url: "http://th",
  link_names: true,
  short_fields: true,
  mrkdwn_in: ["text"],
  fields: [
    { title: "{{ .Status }}", value: SUMMARIES },
    { title: "t", value: "v", short: false },
  ],
  actions: [
    { type: "button", text: "go", url: "http://u/{{ .Status }}", name: "dropped", value: "v", confirm: { text: "c" } },
    { type: "button", text: "b", name: "n", value: SUMMARIES, style: "danger", confirm: { text: "sure", title: "T" } },
  ],
};

const throughWithLogin = (service: string): Readonly<Record<string, unknown>> => ({
  http_config: { ...(through(service)["http_config"] as object), authorization: { credentials: "xoxb-1" } },
});

/**
 * Test cases for Slack receivers with a webhook URL. Receivers with a token send the same fields as a form; unit tests
 * check this.
 */
export const SLACK_ROWS: readonly ReceiverRow[] = [
  { kind: "slack", title: "by URL", section: (service) => ({ api_url: `${service}/hook` }) },
  { kind: "slack", title: "every field", section: (service) => ({ api_url: `${service}/hook`, ...everyField }) },
  {
    kind: "slack",
    title: "empty fields",
    section: (service) => ({ api_url: service, title: "", title_link: "", fallback: "", color: "", username: "" }),
  },
  {
    kind: "slack",
    title: "a failing template",
    section: (service) => ({ api_url: service, channel: "c", pretext: "{{ .Nope }}", text: "after" }),
  },
  {
    kind: "slack",
    title: "the Web API by URL",
    section: (service) => ({
      api_url: "https://slack.com/api/chat.postMessage",
      channel: "c",
      ...throughWithLogin(service),
    }),
    answer: posted,
  },
  {
    kind: "slack",
    title: "updated in place",
    section: (service) => ({
      api_url: "https://slack.com/api/chat.postMessage",
      channel: "c",
      update_message: true,
      ...throughWithLogin(service),
    }),
    answer: posted,
  },
];

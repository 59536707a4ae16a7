import type { SeenRequest, ServiceAnswer } from "./fake-service.ts";
import { json, type ReceiverRow } from "./receiver-row.ts";

const SUMMARIES = "{{ range .Alerts }}{{ .Annotations.summary }}{{ end }}";

const authorized = { http_config: { authorization: { credentials: "bot" } } };

const wechatAnswer = ({ path }: SeenRequest): ServiceAnswer =>
  path.includes("/gettoken")
    ? json({ errcode: 0, access_token: "t n+/=" })
    : json({ errcode: 0, errmsg: "ok", msgid: "m" });

const rocketchatAnswer = (): ServiceAnswer => json({ success: true, channel: "c" });

/** Returns a function that answers requests like a Jira server with at most one issue, which is open or done. */
const jiraAnswer =
  (category: "done" | "new" | undefined) =>
  ({ path, method }: SeenRequest): ServiceAnswer => {
    const status = { name: "s", statusCategory: { key: category } };
    if (path.includes("/search"))
      return json({ issues: category === undefined ? [] : [{ key: "P-7", fields: { status } }] });
    const transitions = [
      { id: "11", name: "Reopen" },
      { id: "21", name: "Close" },
    ];
    if (path.endsWith("/transitions") && method === "GET") return json({ transitions });
    return method === "POST" && path.endsWith("/issue")
      ? json({ id: "1", key: "P-8" }, 201)
      : { status: 204, body: "" };
  };

const everyMattermostField = {
  channel: "#{{ .Status }}",
  username: "",
  text: SUMMARIES,
  fallback: "f",
  color: "{{ .CommonLabels.severity }}",
  pretext: "p",
  author_name: "n",
  author_link: "l",
  author_icon: "i",
  fields: [
    { title: "{{ .Status }}", value: "{{ .CommonLabels.nothing }}" },
    { title: "t", value: "v", short: false },
  ],
  thumb_url: "t",
  footer: "f",
  footer_icon: "fi",
  image_url: "im",
  icon_url: "iu",
  icon_emoji: "ie",
  type: "custom_x",
  props: { card: SUMMARIES },
  priority: {
    priority: "{{ if eq .Status `firing` }}URGENT{{ end }}",
    requested_ack: true,
    persistent_notifications: true,
  },
};

const everyRocketchatField = {
  token: "t",
  token_id: "i",
  channel: "#{{ .Status }}",
  color: "c",
  title: SUMMARIES,
  title_link: "",
  text: SUMMARIES,
  fields: [
    { title: "{{ .Status }}", value: "" },
    { title: "b", value: "{{ .CommonLabels.severity }}", short: false },
  ],
  short_fields: true,
  emoji: ":x:",
  icon_url: "http://i",
  image_url: "http://im",
  thumb_url: "http://th",
  link_names: true,
  actions: [
    { text: "go", url: "http://u/{{ .Status }}" },
    { type: "other", msg: "{{ .Status }}", msgprocessingtype: "sendMessage", iswebview: true },
  ],
};

const jiraBase = { project: "P", issue_type: "Bug" };

const everyJiraField = {
  project: "P{{ .Status }}",
  issue_type: "{{ .CommonLabels.severity }}",
  summary: { template: SUMMARIES, enable_update: false },
  description: { template: SUMMARIES, enable_update: true },
  labels: ["zeta", "{{ .CommonLabels.alertname }}", "Alpha", "<é>"],
  priority: "",
  reopen_transition: "Reopen",
  resolve_transition: "Close",
  wont_fix_resolution: 'Won\'t "Fix"',
  reopen_duration: "1h30m",
  fields: {
    customfield_2: { value: "{{ .Status }}", "{{ .Status }}": [1, 2.5, true, null] },
    customfield_10: "{{ .CommonLabels.alertname }}",
    customfield_9: "{{ len .Alerts }}",
    components: [{ name: "c" }],
  },
};

const wechatBase = { api_secret: "s+e& {{ .Receiver }}", corp_id: "c/o~*" };

const jiraRow = (
  title: string,
  category: "done" | "new" | undefined,
  section: Readonly<Record<string, unknown>>,
  path = "/rest/api/2",
): ReceiverRow => ({
  kind: "jira",
  title,
  section: (service) => ({ api_url: service + path, ...section }),
  answer: jiraAnswer(category),
});

const urlRow = (kind: string, title: string, section: Readonly<Record<string, unknown>> = {}): ReceiverRow => ({
  kind,
  title,
  section: (service) => ({ webhook_url: `${service}/hooks/a%20b?x=1&y=%2F`, ...section }),
});

export const CHAT_ROWS: readonly ReceiverRow[] = [
  urlRow("discord", "as it is"),
  urlRow("discord", "every field", {
    content: SUMMARIES,
    title: SUMMARIES,
    message: SUMMARIES,
    username: "{{ .Status }}",
    avatar_url: "http://a/<b>",
  }),
  urlRow("msteams", "as it is"),
  urlRow("msteams", "every field", { title: "", summary: "{{ .Status }}", text: SUMMARIES }),
  urlRow("msteamsv2", "as it is"),
  urlRow("msteamsv2", "every field", { title: "", text: SUMMARIES }),
  {
    kind: "webex",
    title: "as it is",
    section: (service) => ({ api_url: `${service}/v1/messages`, room_id: "r {{ .Status }}", ...authorized }),
  },
  {
    kind: "webex",
    title: "long",
    section: (service) => ({
      api_url: service,
      room_id: "r",
      message: `${SUMMARIES}${"=".repeat(8000)}`,
      ...authorized,
    }),
  },
  {
    kind: "wechat",
    title: "as it is",
    section: (service) => ({ api_url: `${service}/cgi-bin`, ...wechatBase }),
    answer: wechatAnswer,
  },
  {
    kind: "wechat",
    title: "every field",
    section: (service) => ({
      ...wechatBase,
      api_url: `${service}/cgi-bin/?debug=1`,
      message_type: "markdown",
      message: SUMMARIES,
      to_user: "u {{ .Status }}",
      to_party: "p",
      to_tag: "t",
      agent_id: "7",
    }),
    answer: wechatAnswer,
  },
  {
    kind: "rocketchat",
    title: "as it is",
    section: (service) => ({ api_url: service, token: "t", token_id: "i" }),
    answer: rocketchatAnswer,
  },
  {
    kind: "rocketchat",
    title: "every field",
    section: (service) => ({ api_url: `${service}/sub//x/?q=1`, ...everyRocketchatField }),
    answer: rocketchatAnswer,
  },
  urlRow("mattermost", "as it is"),
  urlRow("mattermost", "every field", everyMattermostField),
  urlRow("mattermost", "attachments", {
    text: SUMMARIES,
    attachments: [
      { text: "{{ .Status }}", fields: [{ title: "a", value: SUMMARIES, short: true }] },
      { title: "x", title_link: "y", color: "z", fallback: "f", pretext: "p", author_name: "n", footer: "f" },
    ],
    props: { card: "" },
    priority: { priority: "other", requested_ack: true, persistent_notifications: true },
  }),
  jiraRow("none yet", undefined, jiraBase),
  jiraRow("open", "new", { ...jiraBase, resolve_transition: "Close" }),
  jiraRow("done", "done", { ...jiraBase, reopen_transition: "Reopen", reopen_duration: "10d" }),
  jiraRow("every field", "new", everyJiraField, "/sub/rest/api/2/"),
  jiraRow("every field, none yet", undefined, { ...everyJiraField, api_type: "datacenter" }),
  jiraRow(
    "cloud",
    undefined,
    {
      ...jiraBase,
      api_type: "cloud",
      description: '{ "type": "doc", "version": 1, "n": 1.0e2, "content": [ {{ .CommonLabels.alertname | toJson }} ] }',
    },
    "/rest/api/3",
  ),
  jiraRow("cloud by its old path", "new", { ...jiraBase, api_type: "cloud" }),
];

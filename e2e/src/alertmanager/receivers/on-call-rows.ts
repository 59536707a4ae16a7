import type { SeenRequest } from "./fake-service.ts";
import { json, type ReceiverRow, type Reviewed, through } from "./receiver-row.ts";

const pagerDutyAnswer = () => json({ status: "success", message: "Event processed", dedup_key: "k" }, 202);

const everyPagerDutyField = {
  client: "c {{ .Status }}",
  client_url: "http://c/{{ .GroupLabels.alertname | urlquery }}",
  description: "{{ range .Alerts }}{{ .Annotations.summary }}{{ end }}",
  severity: "{{ .CommonLabels.severity }}",
  source: "s",
  class: "{{ .CommonLabels.class }}",
  component: "comp",
  group: "{{ .Receiver }}",
  details: {
    num_firing: "",
    text: "{{ .CommonAnnotations.summary }}",
    "{{ .Status }}": "key",
    count: "{{ .Alerts | len }}",
    float: "1.50",
    big: 12345678901,
    nested: { b: ["{{ .Status }}", 3, true, null, { z: "1", a_: "x", aB: "y" }], a: "yes" },
    10: "ten",
    9: "nine",
  },
  images: [
    { src: "http://i/{{ .Status }}", alt: "a", href: "h" },
    { src: "{{ .CommonLabels.nothing }}", alt: "dropped" },
  ],
  links: [{ href: "http://l", text: "L <x>" }, { text: "dropped" }],
  timeout: "10s",
};

const telegramAnswer = () => json({ ok: true, result: { message_id: 1, chat: { id: -5 } } });

/**
 * Texts that resemble numbers, booleans or null. YAML reads some of these texts as a number, boolean or null, and
 * others as text.
 */
const payload = {
  numbers: ["1", "1_000", "12345678901234567890", "-9223372036854775808", "18446744073709551616", "0x1F", "-0x1F"],
  octal: ["017", "0o17", "08", "0b101"],
  floats: ["1.50", "1e3", "1e-7", "-0.0", "1e21", "123456789.125", ".5", "1."],
  words: ["yes", "off", "y", "True", "TRUE", "tRUE", "null", "~", "", " ", "NaN", "<<", "=", "2026-11-20", "12:30:45"],
  texts: [
    "a: b: c",
    "'quoted'",
    "# c",
    "- ",
    "? a",
    "a\tb",
    "{",
    "[",
    "|",
    "&a",
    "*a",
    "!x",
    "%a",
    "@a",
    "`a`",
    "a #b",
  ],
  made: ["[1, x]", "{a: 1, b: [true, x y]}", "a: b", "- 1\n- x", "!!str 1", "--- 5"],
  alert: ["{{ .CommonLabels.number }}", "{{ .CommonLabels.yes }}", "{{ .CommonLabels.none }}", "{{ .Alerts | len }}"],
  "{{ .Status }}": { "{{ .Receiver }}": 1.5, nothing: null, list: [], map: {}, x: true },
};

const sigv4 = {
  region: "eu-west-1",
  access_key: "AKIDEXAMPLE",
  secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};

const published = () => ({
  type: "text/xml",
  body:
    '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m-1</MessageId>' +
    "</PublishResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></PublishResponse>",
});

/** Test cases for Alertmanager receivers of paging services and message forwarding services. */
export const ON_CALL_ROWS: readonly ReceiverRow[] = [
  {
    kind: "webhook",
    title: "as it is",
    section: (service) => ({ url: `${service}/hook` }),
    reviewed: [withoutRouteLabels()],
  },
  {
    kind: "webhook",
    title: "a payload",
    section: (service) => ({ url: `${service}/{{ .Status }}`, payload }),
  },
  {
    kind: "pagerduty",
    title: "v2",
    section: (service) => ({ url: `${service}/v2/enqueue`, routing_key: "RK" }),
    answer: pagerDutyAnswer,
    reviewed: [alertsByName()],
  },
  {
    kind: "pagerduty",
    title: "v2, every field",
    section: (service) => ({ url: `${service}/v2/enqueue?a=b`, routing_key: "{{ .Status }}", ...everyPagerDutyField }),
    answer: pagerDutyAnswer,
    reviewed: [alertsByName()],
  },
  {
    kind: "pagerduty",
    title: "v1",
    section: (service) => ({ service_key: "SK", details: { a: "b" }, ...through(service) }),
    answer: pagerDutyAnswer,
    reviewed: [alertsByName()],
  },
  {
    kind: "opsgenie",
    title: "as it is",
    section: (service) => ({ api_url: `${service}/ops`, api_key: "K" }),
    answer: () => json({ result: "Request will be processed" }, 202),
  },
  {
    kind: "opsgenie",
    title: "every field",
    section: (service) => ({
      api_url: `${service}/?x=y`,
      http_config: { basic_auth: { username: "u", password: "p" } },
      api_key: "k-{{ .Status }}",
      message: "{{ .CommonAnnotations.summary }}",
      description: "{{ .GroupLabels.alertname }}",
      source: "s & {{ .Status }}",
      details: { alertname: "own", "10": "{{ .Status }}", "9": "<>", number: "" },
      entity: "{{ .CommonLabels.instance }}",
      responders: [
        { name: "a, b,,c", type: "teams" },
        { id: "1", type: "Schedule" },
        { username: "{{ .CommonLabels.nobody }}", type: "{{ .CommonLabels.nobody }}" },
        { name: "{{ .Status }}", type: "{{ if true }}escalation{{ end }}" },
      ],
      actions: "restart, {{ .Status }},",
      tags: " a, b,,{{ .CommonLabels.severity }} ",
      note: "n",
      priority: "P{{ .Alerts | len }}",
      update_alerts: true,
    }),
    answer: () => json({ result: "Request will be processed" }, 202),
  },
  {
    kind: "victorops",
    title: "as it is",
    section: (service) => ({ api_url: service, api_key: "KEY", routing_key: "team" }),
  },
  {
    kind: "victorops",
    title: "every field",
    section: (service) => ({
      api_url: `${service}/in/`,
      api_key: "K é/?",
      routing_key: "{{ .GroupLabels.alertname }}",
      message_type: "{{ if eq .CommonLabels.severity `critical` }}WARNING{{ else }}odd{{ end }}",
      state_message: "{{ .CommonAnnotations.summary }}",
      entity_display_name: "<{{ .Status }}>",
      monitoring_tool: "m",
      custom_fields: { b: "{{ .Alerts | len }}", a: "&", "10": "", "9": "" },
    }),
  },
  {
    kind: "pushover",
    title: "as it is",
    section: (service) => ({ user_key: "U", token: "T", ...through(service) }),
  },
  {
    kind: "pushover",
    title: "every field",
    section: (service) => ({
      user_key: "u-{{ .Status }}",
      token: "t*~'()!",
      title: "{{ .GroupLabels.alertname }}",
      message: "  <b>{{ .CommonAnnotations.summary }}</b> {{ .GroupLabels.alertname }}\n",
      url: "{{ range .Alerts }}{{ .GeneratorURL }}{{ end }}",
      url_title: "{{ .Status }}",
      device: "d",
      sound: "s",
      priority: "1",
      retry: "90s",
      expire: "2h30m",
      ttl: "1500ms",
      html: true,
      ...through(service),
    }),
  },
  {
    kind: "pushover",
    title: "nothing to say",
    section: (service) => ({
      user_key: "U",
      token: "T",
      message: "{{ .CommonLabels.nothing }} ",
      monospace: true,
      ...through(service),
    }),
  },
  {
    kind: "incidentio",
    title: "as it is",
    section: (service) => ({ url: `${service}/v2/alert_events/alertmanager/01`, alert_source_token: "tok" }),
    answer: () => json({ status: "success" }, 202),
    reviewed: [withoutRouteLabels()],
  },
  {
    kind: "incidentio",
    title: "one alert at most, authorization of its own",
    section: (service) => ({
      url: service,
      max_alerts: 1,
      timeout: "1m30s",
      http_config: { authorization: { credentials: "own" }, http_headers: { "X-Team": { values: ["a", "b"] } } },
    }),
    answer: () => json({ status: "success" }, 202),
    reviewed: [withoutRouteLabels()],
  },
  {
    kind: "telegram",
    title: "as it is",
    section: (service) => ({ api_url: service, bot_token: "12:AB-c_d", chat_id: -5 }),
    answer: telegramAnswer,
  },
  {
    kind: "telegram",
    title: "every field",
    section: (service) => ({
      api_url: `${service}/tg`,
      bot_token: "1:a",
      chat_id: -1001234567890,
      message_thread_id: 7,
      message: "{{ .CommonAnnotations.summary }} <b>{{ .Status }}</b>",
      disable_notifications: true,
      parse_mode: "MarkdownV2",
    }),
    answer: telegramAnswer,
  },
  {
    kind: "telegram",
    title: "HTML with tags and links",
    section: (service) => ({
      api_url: service,
      bot_token: "1:a",
      chat_id: 5,
      message:
        '{{ range .Alerts }}<a href="{{ .GeneratorURL }}">{{ .Labels.alertname }}</a> {{ .Annotations.summary }}{{ end }}',
    }),
    answer: telegramAnswer,
  },
  {
    kind: "sns",
    title: "a topic",
    section: (service) => ({ api_url: service, sigv4, topic_arn: "arn:aws:sns:eu-west-1:1:topic" }),
    answer: published,
    refusal: (status) => ({
      status,
      type: "text/xml",
      body: "<ErrorResponse><Error><Code>C</Code><Message>why &lt;</Message></Error><RequestId>r</RequestId></ErrorResponse>",
    }),
    refusedDifferently: { 429: "AWS' library asks three times by itself and gives up; ours leaves it to the delivery" },
    reviewed: [ownAgent()],
  },
  {
    kind: "sns",
    title: "a FIFO topic, every field",
    section: (service) => ({
      api_url: `${service}/{{ .Status }}/`,
      http_config: { authorization: { credentials: "c" } },
      sigv4,
      topic_arn: "arn:aws:sns:eu-west-1:1:{{ .Status }}.fifo",
      subject: "{{ .Status }} *~'()! é",
      message: "{{ .CommonAnnotations.summary }}",
      attributes: { "{{ .Status }} key": "<{{ .GroupLabels.alertname }}>" },
    }),
    answer: published,
    reviewed: [ownAgent(), wholeCharacters()],
  },
  {
    kind: "sns",
    title: "a phone",
    section: (service) => ({ api_url: service, sigv4, phone_number: "+49 {{ .Alerts | len }}", subject: "" }),
    answer: published,
    reviewed: [ownAgent(), wholeCharacters()],
  },
];

/**
 * Returns a function that removes the route's labels from a notification, because Alertmanager sends them only since
 * 0.34.
 */
function withoutRouteLabels(): Reviewed {
  return {
    reason: "the labels of routes came with 0.34",
    level: (request) => ({ ...request, body: request.body.replace('"routeLabels":{},', "") }),
  };
}

/**
 * Returns a function that reduces the alerts in a notification to their label and annotation names. Alertmanager 0.33
 * renders texts in such a list twice, so that a label "1" becomes a number; version 0.34 renders them once.
 */
function alertsByName(): Reviewed {
  return {
    reason:
      "0.33 renders texts in rendered details once more and reads them as YAML; what alerts say is compared elsewhere",
    level(request: SeenRequest) {
      const event = JSON.parse(request.body) as { payload?: { custom_details?: Details } | null; details?: Details };
      for (const details of [event.payload?.custom_details, event.details]) {
        for (const list of [details?.firing, details?.resolved]) {
          if (Array.isArray(list)) list.splice(0, list.length, ...list.map(named));
        }
      }
      return { ...request, body: JSON.stringify(event) };
    },
  };
}

interface Details {
  readonly firing?: unknown;
  readonly resolved?: unknown;
}

/** Returns an alert with the names of its labels and annotations, without their values. */
function named(alert: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const [labels, annotations] = [alert["labels"], alert["annotations"]].map((set) => Object.keys(set ?? {}));
  return { ...alert, fingerprint: "", generatorURL: "", labels, annotations };
}

/**
 * Returns a function that removes request headers that only AWS' library for Go sets: the user agent, the numbering of
 * attempts and the choice of signed headers.
 */
function ownAgent(): Reviewed {
  return {
    reason:
      "AWS' library for Go names itself, numbers its attempts and signs that too; the time is part of a signature",
    level(request: SeenRequest) {
      const { "user-agent": _, "amz-sdk-invocation-id": __, "amz-sdk-request": ___, ...headers } = request.headers;
      const authorization = (headers["authorization"] ?? "").replace(/, ?SignedHeaders=.*$/, "");
      return { ...request, headers: { ...headers, authorization, "x-amz-date": "now" } };
    },
  };
}

/**
 * Returns a function that removes percent-encoded characters beyond ASCII at the end of a form field, because the
 * original Alertmanager truncates a message in the middle of a character.
 */
function wholeCharacters(): Reviewed {
  return {
    reason: "upstream cuts a message in the middle of a character",
    level: (request) => ({ ...request, body: request.body.replaceAll(/%[C-F][0-9A-F](?:%[89AB][0-9A-F])*(?=&)/g, "") }),
  };
}

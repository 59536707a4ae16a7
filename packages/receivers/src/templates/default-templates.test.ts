import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import type { Notification, NotificationAlert } from "@narthex/notification";
import { Renderer } from "./renderer.ts";
import { NOTIFICATION } from "../testing/open-receiver.ts";

const renderer = Renderer.load([], () => 0);

const text = (name: string, notification: Notification = NOTIFICATION): string =>
  renderer.for(notification).text(`{{ template "${name}" . }}`);

const mail = (notification: Notification = NOTIFICATION): string =>
  renderer.for(notification).html('{{ template "email.default.html" . }}');

const alert = (change: Partial<NotificationAlert>): NotificationAlert => ({ ...NOTIFICATION.alerts[0]!, ...change });

const RESOLVED: Notification = {
  ...NOTIFICATION,
  alerts: [alert({ resolved: true, endsAt: Date.UTC(2026, 10, 20, 7, 0, 0) })],
};

const LIST =
  "Labels:\n - alertname = A b\n - i = 1\n - severity = critical\nAnnotations:\n - summary = x <b> & é\nSource: http://g/x?y=1&z=2\n";
const MARKDOWN =
  "\nLabels:\n  - alertname = A b\n  - i = 1\n  - severity = critical\n\nAnnotations:\n  - summary = x <b> & é\n\nSource: http://g/x?y=1&z=2\n";
const URL = "http://vm:19093/#/alerts?receiver=all";
const SUBJECT = "[FIRING:1] A b (1 critical)";

test.each([
  ["__subject", SUBJECT],
  ["__alertmanager", "Alertmanager"],
  ["__alertmanagerURL", URL],
  ["__description", ""],
  ["slack.default.title", SUBJECT],
  ["slack.default.username", "Alertmanager"],
  ["slack.default.fallback", `${SUBJECT} | ${URL}`],
  ["slack.default.callbackid", ""],
  ["slack.default.pretext", ""],
  ["slack.default.titlelink", URL],
  ["slack.default.iconemoji", ""],
  ["slack.default.iconurl", ""],
  ["slack.default.text", ""],
  ["slack.default.footer", ""],
  ["slack.default.color", "danger"],
  ["email.default.subject", SUBJECT],
  ["pagerduty.default.description", SUBJECT],
  ["pagerduty.default.client", "Alertmanager"],
  ["pagerduty.default.clientURL", URL],
  ["opsgenie.default.message", SUBJECT],
  ["opsgenie.default.description", `x <b> & é\nAlerts Firing:\n${LIST}\n`],
  ["opsgenie.default.source", URL],
  ["wechat.default.message", `${SUBJECT}\nx <b> & é\nAlerts Firing:\n${LIST}\n\nAlertmanagerUrl:\n${URL}`],
  ["wechat.default.to_user", ""],
  ["wechat.default.to_party", ""],
  ["wechat.default.to_tag", ""],
  ["wechat.default.agent_id", ""],
  ["victorops.default.state_message", `x <b> & é\nAlerts Firing:\n${LIST}\n`],
  ["victorops.default.entity_display_name", SUBJECT],
  ["victorops.default.monitoring_tool", "Alertmanager"],
  ["pushover.default.title", SUBJECT],
  ["pushover.default.message", `x <b> & é\n\nAlerts Firing:\n${LIST}\n\n\n`],
  ["pushover.default.url", URL],
  ["sns.default.subject", SUBJECT],
  ["sns.default.message", `x <b> & é\n\nAlerts Firing:\n${LIST}\n\n\n`],
  ["telegram.default.message", `\n\nAlerts Firing:\n${LIST}\n\n\n`],
  ["discord.default.content", ""],
  ["discord.default.title", SUBJECT],
  ["discord.default.message", `\n\nAlerts Firing:\n${LIST}\n\n\n`],
  ["webex.default.message", `x <b> & é\n\nAlerts Firing:\n${LIST}\n\n\n`],
  ["msteams.default.summary", SUBJECT],
  ["msteams.default.title", SUBJECT],
  ["msteams.default.text", `\n\n# Alerts Firing:\n${MARKDOWN}\n\n\n\n`],
  ["msteamsv2.default.title", SUBJECT],
  ["msteamsv2.default.text", `\n\n# Alerts Firing:\n${MARKDOWN}\n\n\n\n`],
  ["jira.default.summary", SUBJECT],
  ["jira.default.description", `\n\n# Alerts Firing:\n${MARKDOWN}\n\n\n\n`],
  ["jira.default.priority", "High"],
  ["rocketchat.default.title", SUBJECT],
  ["rocketchat.default.alias", "Alertmanager"],
  ["rocketchat.default.titlelink", URL],
  ["rocketchat.default.emoji", ""],
  ["rocketchat.default.iconurl", ""],
  ["rocketchat.default.text", ""],
  ["mattermost.default.color", "danger"],
  ["mattermost.default.username", "Alertmanager"],
  ["mattermost.default.title", SUBJECT],
  ["mattermost.default.titlelink", URL],
  ["mattermost.default.fallback", `${SUBJECT} | ${URL}`],
  ["mattermost.default.text", `\n\n# Alerts Firing:\n${MARKDOWN}\n\n\n\n`],
])("%s is upstream's text", (name, expected) => {
  expect(text(name)).toBe(expected);
});

test.each([
  ["__subject", "[RESOLVED] A b (1 critical)"],
  ["slack.default.color", "good"],
  ["telegram.default.message", `\n\n\nAlerts Resolved:\n${LIST}\n\n`],
  ["sns.default.message", `x <b> & é\n\n\nAlerts Resolved:\n${LIST}\n\n`],
  ["opsgenie.default.description", `x <b> & é\n\nAlerts Resolved:\n${LIST}`],
])("%s of a resolved alert is upstream's text", (name, expected) => {
  expect(text(name, RESOLVED)).toBe(expected);
});

const ACKNOWLEDGED: Notification = {
  ...NOTIFICATION,
  alerts: [alert({ acknowledgement: { createdBy: "ann", comment: "disk <1> is full", createdAt: 1000 } }), alert({})],
};

test("the lists of alerts show who acknowledged an alert, and do not change otherwise", () => {
  const line = "Acknowledged by ann: disk <1> is full\n";
  expect(text("telegram.default.message", ACKNOWLEDGED)).toBe(`\n\nAlerts Firing:\n${LIST}${line}${LIST}\n\n\n`);
  expect(text("msteams.default.text", ACKNOWLEDGED)).toBe(
    `\n\n# Alerts Firing:\n${MARKDOWN}\n${line}${MARKDOWN}\n\n\n\n`,
  );
  const [first] = ACKNOWLEDGED.alerts;
  const uncommented = { ...first!, acknowledgement: { ...first!.acknowledgement!, comment: "" } };
  expect(text("telegram.default.message", { ...NOTIFICATION, alerts: [uncommented] })).toContain(
    `${LIST}Acknowledged by ann\n`,
  );
});

test("the mail shows who acknowledged an alert, with the comment as text", () => {
  expect(mail(ACKNOWLEDGED)).toContain(
    '\n<div style="padding-top:8px">Acknowledged by ann: disk &lt;1&gt; is full</div>\n</td>',
  );
  const without = mail({ ...ACKNOWLEDGED, alerts: [alert({}), alert({})] });
  expect(mail(ACKNOWLEDGED).replace(/\n<div style="padding-top:8px">Acknowledged[^\n]*/, "")).toBe(without);
});

test("a template reads the acknowledgement of an alert, and a printed alert does not contain it", () => {
  const render = (template: string): string => renderer.for(ACKNOWLEDGED).text(template);
  const by =
    "{{ range .Alerts }}[{{ with .Acknowledgement }}{{ .By }} {{ .At.Unix }} {{ .Comment }}{{ end }}]{{ end }}";
  expect(render(by)).toBe("[ann 1 disk <1> is full][]");
  const plain = renderer.for({ ...ACKNOWLEDGED, alerts: [alert({}), alert({})] });
  for (const template of ["{{ .Alerts }}", "{{ toJson . }}", "{{ index .Alerts 0 }}"]) {
    expect(render(template)).toBe(plain.text(template));
  }
});

test("alerts follow one another in a list without a gap, in Markdown after one line", () => {
  const two = { ...NOTIFICATION, alerts: [alert({}), alert({})] };
  expect(renderer.for(two).text('{{ template "pagerduty.default.instances" .Alerts }}')).toBe(`${LIST}${LIST}`);
  expect(renderer.for(two).text('{{ template "__text_alert_list_markdown" .Alerts }}')).toBe(
    `${MARKDOWN}${MARKDOWN}\n`,
  );
});

test("the mail shows the firing alerts, their receiver, and a link", () => {
  const html = mail();
  expect(html).toContain("<title>[FIRING:1] A b (1 critical)</title>");
  expect(html).toContain("#E6522C");
  expect(html).toMatch(/1 alert for\s+<span[^>]*>alertname=A b<\/span>/);
  expect(html).toContain('href="http://vm:19093/#/alerts?receiver=all"');
  expect(html).toContain("[1] Firing");
  expect(html).toContain("summary = x &lt;b&gt; &amp; é<br>");
  expect(html).toContain('href="http://g/x?y=1&amp;z=2"');
  expect(html).toContain("Since 2026-11-20 06:41:19 UTC");
  expect(html).toContain("Sent by Alertmanager");
  expect(html).not.toContain("Resolved");
});

test("the mail of resolved alerts is green and shows the duration", () => {
  const html = mail(RESOLVED);
  expect(html).toContain("#68B90F");
  expect(html).toContain("[1] Resolved");
  expect(html).toContain("2026-11-20 06:41:19 to 2026-11-20 07:00:00 UTC");
  expect(html).not.toContain("Firing");
});

test("an alert without a source has no link, and one without annotations has no heading", () => {
  const html = mail({ ...NOTIFICATION, alerts: [alert({ generatorUrl: "", annotations: Labels.EMPTY })] });
  expect(html).not.toContain(">Source<");
  expect(html).not.toContain("Annotations");
});

test("values of an alert cannot add markup to the mail", () => {
  const evil = `"><script>alert(1)</script>`;
  const html = mail({
    ...NOTIFICATION,
    groupLabels: Labels.of({ alertname: evil }),
    alerts: [
      alert({
        labels: Labels.of({ alertname: evil }),
        annotations: Labels.of({ [evil]: evil }),
        generatorUrl: "javascript:alert(1)",
      }),
    ],
  });
  expect(html).not.toContain("<script");
  expect(html).not.toContain("javascript:");
});

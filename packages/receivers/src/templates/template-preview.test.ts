import { expect, test } from "vitest";
import { Renderer } from "./renderer.ts";
import { fieldTemplate, previewTemplate, sampleNotification } from "./template-preview.ts";
import { loadReceiver } from "../testing/open-receiver.ts";

const renderer = Renderer.load([{ name: "a.tmpl", text: '{{ define "mine" }}<{{ .Status }}>{{ end }}' }], () => 0);
const notification = sampleNotification("on-call", "http://am:9093", Date.UTC(2026, 10, 20));

test("a template of the configuration is rendered with the sample", () => {
  const mine = { template: '{{ template "mine" . }} {{ range .Alerts }}{{ .Labels.instance }} {{ end }}', html: false };
  expect(previewTemplate(renderer, mine, notification)).toEqual({
    ok: true,
    output: "<firing> shop-1:8080 shop-2:8080 ",
  });
  expect(
    previewTemplate(renderer, { template: "{{ .CommonAnnotations.runbook_url }}", html: true }, notification),
  ).toEqual({
    ok: true,
    output: "https://example.org/runbooks/high-error-rate",
  });
});

test.each([
  ["{{ .Foo }}", "can't evaluate field Foo in type *template.Data"],
  ["{{ if }}", "missing value for if"],
  ["{{ range 10000000 }}{{ end }}", "the template takes more than 500000 steps"],
  ['{{ range 100000 }}{{ "a long text that is printed over and over" }}{{ end }}', "the output gets longer than"],
])("%s is answered with what is wrong", (template, problem) => {
  const preview = previewTemplate(renderer, { template, html: false }, notification);
  expect(preview).toMatchObject({ ok: false, problem: expect.stringContaining(problem) as string });
});

const RECEIVER = `{name: a,
  email_configs: [{to: b@c, smarthost: 'h:25', from: x@y, auth_password: p, headers: {Subject: 'S {{ .Status }}'}}],
  slack_configs: [{api_url: 'http://s/secret', fields: [{title: t, value: 'v {{ .Status }}'}]}]}`;

test.each([
  ["slack", "title", '{{ template "slack.default.title" . }}', false],
  ["slack", "fields.0.value", "v {{ .Status }}", false],
  ["email", "headers.Subject", "S {{ .Status }}", false],
  ["email", "html", '{{ template "email.default.html" . }}', true],
  ["slack", "api_url", "<secret>", false],
])("the template of %s's %s", (integration, field, template, html) => {
  expect(fieldTemplate(loadReceiver(RECEIVER), { integration, index: 0, field })).toEqual({ template, html });
});

test.each([
  ["", 0, "title", 'receiver "a" has email[0], slack[0]: name one'],
  ["slack", 1, "title", 'receiver "a" has no slack[1]; it has email[0], slack[0]'],
  ["slack", 0, "nope", 'slack[0] has no text "nope"; it has these texts: '],
  ["slack", 0, "actions.0.text", 'slack[0] has no text "actions.0.text"'],
])("no template for %j[%d] %s", (integration, index, field, sentence) => {
  expect(fieldTemplate(loadReceiver(RECEIVER), { integration, index, field })).toContain(sentence);
});

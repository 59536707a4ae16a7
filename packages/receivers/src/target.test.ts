import { Secret } from "@narthex/config";
import { expect, test } from "vitest";
import { email } from "./email/email.ts";
import { webhook } from "./kinds/webhook.ts";
import { pushover } from "./kinds/pushover.ts";
import { slack } from "./slack/slack.ts";
import { targetOf } from "./target.ts";

test.each([
  [email, { to: "ann@example.org" }, "ann@example.org"],
  [email, { to: '{{ template "to" . }}' }, undefined],
  [slack, { channel: "#ops", apiUrl: new Secret("https://hooks.slack.com/services/T0/B0/token") }, "#ops"],
  [slack, { channel: "", apiUrl: new Secret("https://hooks.slack.com/services/T0/B0/token") }, "hooks.slack.com"],
  [slack, { channel: "", apiUrlFile: "/run/secrets/slack" }, undefined],
  [webhook, { url: new Secret("https://user:word@hooks.example.org:8443/a?token=b#c") }, "hooks.example.org:8443"],
  [webhook, { url: new Secret("https://{{ .Host }}/a") }, undefined],
  [webhook, { url: new Secret("no address") }, undefined],
  [webhook, { urlFile: "/run/secrets/url" }, undefined],
  [pushover, { url: "https://internal.example.org/{{ .GroupLabels }}" }, undefined],
])("targetOf() of a %o with %o is %s, without a secret", (kind, config, target) => {
  expect(targetOf(kind as never, config as never)).toBe(target);
});

test("a long target is shortened", () => {
  expect(targetOf(email, { to: "a@b".repeat(1000) } as never)).toHaveLength(200);
});

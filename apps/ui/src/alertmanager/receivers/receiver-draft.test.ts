import { expect, test } from "vitest";
import { changeOf, draftOf, linesOf, missingFields } from "./receiver-draft.ts";

test("a new draft lacks its required fields, unless it inherits them", () => {
  const draft = draftOf(undefined, true);
  expect(missingFields(draft, {}, false)).toEqual(["Name", "To", "Mail server", "From"]);
  const inherited = { smarthost: "mail:587", from: "a@b" };
  expect(missingFields({ ...draft, name: "a", texts: { to: "x@y" } }, inherited, false)).toEqual([]);
  const slack = { ...draft, name: "a", kind: "slack" as const };
  expect([missingFields(slack, {}, false), missingFields(slack, {}, true)]).toEqual([["Webhook URL"], []]);
});

test("a draft becomes a request with the fields of its kind, without white space around all but the secret", () => {
  const form = { kind: "email", texts: { to: "x@y" }, flags: { require_tls: false, send_resolved: true } } as const;
  const stored = { name: "a", isDefault: true, isUsed: true, form: { ...form, hasSecret: true } };
  const draft = draftOf(stored, false);
  expect(changeOf({ ...draft, texts: { ...draft.texts, from: " a@b ", channel: "#c" }, secret: " s " })).toEqual({
    name: "a",
    isDefault: true,
    secret: " s ",
    form: { ...form, texts: { to: "x@y", from: "a@b", smarthost: "", auth_username: "" } },
  });
  expect(changeOf({ ...draft, kind: "slack" }).form).toEqual({
    kind: "slack",
    texts: { channel: "" },
    flags: { send_resolved: true },
  });
});

test("the lines for the file never contain the secret", () => {
  const draft = { ...draftOf(undefined, true), texts: { to: 'x"@y', auth_username: "u" }, secret: "hidden" };
  expect(linesOf(draft)).toBe(`route:
  receiver: "on-call"
receivers:
  - name: "on-call"
    email_configs:
      - to: "x\\"@y"
        smarthost: "mail.example.org:587"
        from: "alerts@example.org"
        auth_username: "u"
        auth_password_file: "/path/to/a/file"
        send_resolved: true
`);
  expect(linesOf({ ...draft, name: "hook", kind: "webhook", isDefault: false, sendResolved: false })).toBe(`receivers:
  - name: "hook"
    webhook_configs:
      - url_file: "/path/to/a/file"
        send_resolved: false
`);
});

import { expect, test } from "vitest";
import { sentSession, sentToken } from "./credentials-of.ts";

const basic = (text: string): string => `Basic ${btoa(text)}`;

test.each([
  ["Bearer glsa_a", "glsa_a"],
  ["bearer  glsa_a ", "glsa_a"],
  [basic("api_key:glsa_a"), "glsa_a"],
  [basic("ann:secret"), undefined],
  ["Bearer ", undefined],
  ["Bearer a b", undefined],
  ["Bearer a;b", undefined],
  ["Bearer a\r\nb", undefined],
  [`Bearer ${"x".repeat(5000)}`, undefined],
  ["Digest x", undefined],
  [undefined, undefined],
])("the token in the header %j is %s", (header, secret) => {
  expect(sentToken(header)?.secret).toBe(secret);
});

test.each([
  ["grafana_session=abc", "abc"],
  ["a=b; grafana_session=abc; c=d", "abc"],
  ["grafana_session=", undefined],
  ["xgrafana_session=abc", undefined],
  ["grafana_session_expiry=1", undefined],
  ["grafana_session=a\tb", undefined],
])("the session in the cookies %j is %s", (cookie, secret) => {
  expect(sentSession({ cookie })?.secret).toBe(secret);
});

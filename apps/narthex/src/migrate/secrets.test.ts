import { expect, test } from "vitest";
import { withoutPasswords, withoutSecret } from "./secrets.ts";

test.each([
  ["--web.external-url=http://a:b@c:1/d", "--web.external-url=http://a:<secret>@c:1/d"],
  ["http://a:b@c@d,http://:e@f", "http://a:<secret>@d,http://:<secret>@f"],
  ["http://a:9090/x@y http://b@c", "http://a:9090/x@y http://b@c"],
])("passwords of the URLs in %j are masked", (text, masked) => {
  expect(withoutPasswords(text)).toBe(masked);
});

test("Grafana settings that contain a secret are masked", () => {
  expect(withoutSecret("cfg:database.password=x")).toBe("cfg:database.password=<secret>");
  expect(withoutSecret("cfg:database.url=mysql://a:x@b")).toBe("cfg:database.url=mysql://a:<secret>@b");
  expect(withoutSecret("--web.config.file=/etc/password")).toBe("--web.config.file=/etc/password");
});

import { expect, test } from "vitest";
import { pushAddress } from "./push-address.ts";

test.each([
  [{ "web.external-url": "https://push.example/gw/" }, "https://push.example/gw", false],
  [{ "web.listen-address": "127.0.0.1:11091" }, "http://localhost:11091", true],
  [{ "web.listen-address": ":9091" }, "http://localhost:9091", true],
  [{ "web.listen-address": "[::1]:9091,192.0.2.7:9091" }, "http://localhost:9091", true],
  [{ "web.listen-address": "192.0.2.7:9091", "web.route-prefix": "gw/" }, "http://192.0.2.7:9091/gw", false],
  [{ "web.listen-address": ":9091", "web.config.file": "web.yml" }, undefined, false],
  [{ "web.listen-address": ":9091", "web.systemd-socket": "true" }, undefined, false],
  [{ "web.listen-address": "a b:9091" }, undefined, false],
  [{ "web.listen-address": "nonsense" }, undefined, false],
  [{ "web.external-url": "javascript:alert(1)" }, undefined, false],
  [{}, undefined, false],
])("the flags %j give the address %s", (flags: Record<string, string>, url, isOnItsHost) =>
  expect(pushAddress(flags)).toEqual({ url, isOnItsHost }),
);

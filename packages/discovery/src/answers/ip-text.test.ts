import { expect, test } from "vitest";
import { ipText, networkText } from "./ip-text.ts";

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["2001:0DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["::", "::"],
  ["::ffff:192.0.2.128", "192.0.2.128"],
  ["192.0.2.256", undefined],
  ["192.0.2.1/24", undefined],
  ["fe80::1%eth0", undefined],
  ["", undefined],
])("the address %j is printed as %j", (text, shown) => {
  expect(ipText(text)).toBe(shown);
});

test.each([
  ["2001:db8:1234:5678::1/64", "2001:db8:1234:5678::/64"],
  ["2001:db8::ffff/127", "2001:db8::fffe/127"],
  ["1:2:3:4:5:6:7:8/128", "1:2:3:4:5:6:7:8/128"],
  ["::/0", "::/0"],
  ["192.0.2.129/25", "192.0.2.128/25"],
  ["192.0.2.1/33", undefined],
  ["192.0.2.1", undefined],
  ["2001:db8::/x", undefined],
])("the network %j is printed as %j", (text, shown) => {
  expect(networkText(text)).toBe(shown);
});

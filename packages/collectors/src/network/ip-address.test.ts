import { isIPv4 } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { addressBytes, addressScope, addressText } from "./ip-address.ts";

const six = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

test("addressText() writes the shortest form", () => {
  expect(addressText(Buffer.from([10, 0, 0, 1]))).toBe("10.0.0.1");
  expect(addressText(six("20010db8 00000000 00010000 00000001"))).toBe("2001:db8::1:0:0:1");
  expect(addressText(six("00000000 00000000 00000000 00000000"))).toBe("::");
  expect(addressText(six("fe800000 00000000 00000000 00000000"))).toBe("fe80::");
  expect(addressText(six("00000000 00000000 0000ffff 0a000001"))).toBe("10.0.0.1");
  expect(addressText(six("00010000 00020003 00040005 00060007"))).toBe("1:0:2:3:4:5:6:7");
});

test("addressText() agrees with the address parser of URLs", () =>
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 }), (groups) => {
      const bytes = Buffer.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
      const text = addressText(bytes);
      expect(addressText(addressBytes(text))).toBe(text);
      if (isIPv4(text)) expect(groups.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0xffff]);
      else
        expect(new URL(`http://[${groups.map((group) => group.toString(16)).join(":")}]/`).hostname).toBe(`[${text}]`);
    }),
  ));

test("addressScope() returns how far an address reaches", () => {
  const scopes = {
    "7f000001": "link-local",
    a9fe0001: "link-local",
    e00000fb: "link-local",
    e0000101: "",
    ffffffff: "",
    "00000000": "",
    "0a000001": "global",
    f0000001: "global",
    "00000000000000000000000000000001": "link-local",
    "00000000000000000000000000000000": "",
    fe800000000000000000000000000001: "link-local",
    "0fe80000000000000000000000000001": "global",
    ff020000000000000000000000000001: "link-local",
    ff010000000000000000000000000001: "interface-local",
    ff050000000000000000000000000001: "",
    fd000000000000000000000000000001: "global",
  };
  for (const [hex, scope] of Object.entries(scopes)) expect([hex, addressScope(six(hex))]).toEqual([hex, scope]);
});

import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { alternativeNames } from "./alternative-names.ts";
import { Authority, hasOpenssl } from "./testing/authority.ts";

const namesIn = (subjectAltName: string | undefined): readonly string[] => alternativeNames({ subjectAltName });

/** Returns an alternative name of a certificate in the text form of Node. */
const written = (kind: string, name: string): string => `${kind}:${/[",\\]/.test(name) ? JSON.stringify(name) : name}`;

test("alternativeNames() returns every name, whatever separators are in it", () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.constantFrom("DNS", "email", "URI"),
          fc.string({ unit: fc.constantFrom("a", ",", " ", ":", "\\", '"', "D") }),
        ),
      ),
      (entries) => {
        const source = entries.map(([kind, name]) => written(kind, name)).join(", ");
        expect(namesIn(source)).toEqual(entries.map(([, name]) => name));
      },
    ),
  ));

test("alternativeNames() omits kinds that Go ignores, and formats addresses like Go", () => {
  expect(namesIn(undefined)).toEqual([]);
  expect(namesIn('DirName:"CN=a, DNS:b", othername:<unsupported>, Registered ID:1.2.3, DNS:c')).toEqual(["c"]);
  expect(namesIn("IP Address:10.0.0.1, IP Address:2001:DB8:0:0:0:0:0:1, IP Address:0:0:0:0:0:FFFF:A00:1")).toEqual([
    "10.0.0.1",
    "2001:db8::1",
    "10.0.0.1",
  ]);
});

test.skipIf(!hasOpenssl())("alternativeNames() reads the names of a real certificate", () => {
  using authority = new Authority("a");
  const names = "DNS:a.test,IP:::1,IP:127.0.0.1,email:a@b.test,URI:spiffe://a/b";
  const { cert } = authority.issue("leaf", `${names},RID:1.2.3.4`);
  expect(alternativeNames(new X509Certificate(cert))).toEqual([
    "a.test",
    "::1",
    "127.0.0.1",
    "a@b.test",
    "spiffe://a/b",
  ]);
});

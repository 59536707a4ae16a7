import fc from "fast-check";
import { expect, test } from "vitest";
import { programArguments, propertyList, PropertyListError } from "./property-list.ts";
import { xmlOrigin } from "./written-mark.ts";

const argument = fc
  .oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom(..."<>&;'\"\\\n\r\t ]!-ltgamp#13".split("")) }),
  )
  .map((text) => text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ""));

test("programArguments() reads back every command line that propertyList() has written", () =>
  fc.assert(
    fc.property(fc.array(argument, { minLength: 1 }), (args) => {
      const text = propertyList({ Label: "x", ProgramArguments: args, RunAtLoad: true });
      expect(programArguments(text)).toEqual(args);
      expect(xmlOrigin(text)).toBe("written");
    }),
  ));

test("propertyList() writes numbers, booleans and dictionaries, and refuses text that XML cannot contain", () => {
  const text = propertyList({ KeepAlive: { SuccessfulExit: false }, ExitTimeOut: 20, UserName: "a & b" });
  expect(text).toContain(`  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ExitTimeOut</key>
  <integer>20</integer>
  <key>UserName</key>
  <string>a &amp; b</string>
`);
  expect(() => propertyList({ Label: "a\u0001" })).toThrow(PropertyListError);
});

test("xmlOrigin() recognises files that were changed by hand and files of other programs", () => {
  const text = propertyList({ Label: "x" });
  expect(xmlOrigin(text.replace("<string>x", "<string>y"))).toBe("changed");
  expect(xmlOrigin("<plist/>")).toBe("foreign");
});

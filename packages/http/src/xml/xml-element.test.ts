import fc from "fast-check";
import { expect, test } from "vitest";
import { XmlElement } from "./xml-element.ts";

test("an element has lists of any length, empty elements and entities, and digits stay text", async () => {
  const root = await XmlElement.parse(
    '<?xml version="1.0"?>\n<r xmlns="x"><none/><one><item>007</item></one><two><item>a &amp; &#66;</item><item/></two></r>',
  );
  const listed = (name: string): (string | undefined)[] => root.children(name).map((element) => element.text("item"));
  expect(listed("none")).toEqual([undefined]);
  expect(listed("one")).toEqual(["007"]);
  expect(root.child("two").children("item")).toHaveLength(2);
  expect(root.child("two").text("item")).toBe("a & B");
  expect(root.child("absent").text("item")).toBeUndefined();
});

test("an element has its own text, its attributes, and its content as written in the document", async () => {
  const root = await XmlElement.parse(
    '<?xml version="1.0"?>\r\n<a xmlns:n="u"><b on="true">7</b><n:m><k>x &amp; <i j="1"/>y</k><e/><f></f></n:m><!-- </a> --></a>\n',
  );
  expect([root.child("b").ownText, root.child("b").attribute("on"), root.child("b").attribute("off")]).toEqual([
    "7",
    "true",
    undefined,
  ]);
  const all = root.child("m");
  expect(all.childNames).toEqual(["k", "e", "f"]);
  expect(all.childNames.map((name) => all.child(name).innerXml)).toEqual(['x &amp; <i j="1"/>y', "", ""]);
  expect([all.child("k").ownText, root.child("none").innerXml]).toEqual(["x & y", ""]);
});

/** Content of an element in a document, with line ends of both kinds, and with characters of any size. */
const content = fc
  .array(fc.constantFrom("\r\n", "\r", "\n", "é", "💥", "ab", "&lt;", "<i/>", "<![CDATA[<]]>", "<j>x</j>"), {
    maxLength: 30,
  })
  .map((parts) => parts.join(""));

test("the content of an element is found at any position in a document of several pieces", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(content, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 65_480, max: 65_560 }),
      async (contents, filler) => {
        const root = await XmlElement.parse(
          `<r>${" ".repeat(filler)}${contents.map((inner) => `<v>${inner}</v >`).join("\r\n")}</r>`,
        );
        expect(root.children("v").map(({ innerXml }) => innerXml)).toEqual(contents);
      },
    ),
    { numRuns: 100 },
  ));

test.each([
  ["elements", `<a>${"<b/>".repeat(2_000_000)}</a>`, "answer has more than 2000000 XML elements and attributes"],
  ["levels", "<a>".repeat(1001), "XML elements of the answer are nested deeper than 1000"],
])("an answer with too many %s is refused, because it could use all memory", async (_, text, message) => {
  await expect(XmlElement.parse(text)).rejects.toThrow(message);
});

test("entities of the document's own are refused", async () => {
  const text = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname"><!ENTITY y "yy">]><a>&x;&y;</a>';
  await expect(XmlElement.parse(text)).rejects.toThrow("answer is not XML: ");
});

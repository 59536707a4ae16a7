import { displayValue, type Field, type Frame, valueAt } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { linksOf, safeAddress } from "./data-links.ts";

const link = (url: string, title = "Go") => ({ title, url, targetBlank: true, oneClick: false });

function linked(url: string, title?: string) {
  const value: Field = {
    name: "Value",
    type: "number",
    labels: { job: "a b", __proto__: "x" },
    values: Float64Array.of(5, 1536),
    config: { unit: "bytes", links: [link(url, title)] },
  };
  const host: Field = { name: "host name", type: "string", values: ["one", "two&x"], config: {} };
  const frame: Frame = { refId: "A", length: 2, fields: [host, value] };
  return linksOf(
    {
      field: value,
      frame,
      row: 1,
      shown: (field, row) => displayValue(field, valueAt(field, row), { theme: "dark", timeZone: "utc" }),
      nameOf: ({ name }) => name,
    },
    (text) => text.replaceAll("$dash", "filled"),
  );
}

test.each([
  ["/d/x?v=${__value.raw}", "/d/x?v=1536"],
  ["/d/x?v=${__value.text}", "/d/x?v=1.50%20KiB"],
  ["/d/x?v=${__value.numeric}", "/d/x?v=1536"],
  ["/d/x?v=${__data.fields[0]}", "/d/x?v=two%26x"],
  ['/d/x?v=${__data.fields["host name"]}', "/d/x?v=two%26x"],
  ["/d/x?v=${__data.fields.Value.raw}", "/d/x?v=1536"],
  ["/d/x?v=${__field.labels.job}&n=${__field.name}&$dash", "/d/x?v=a%20b&n=Value&filled"],
  ["/d/x?v=${__data.fields[9]}", "/d/x?v=${__data.fields[9]}"],
])("linksOf() fills %s", (url, expected) => {
  expect(linked(url).map((one) => one.url)).toEqual([expected]);
});

test("linksOf() gives titles, and an address for one that is empty", () => {
  expect(linked("/a", "to ${__value.text}")[0]?.title).toBe("to 1.50 KiB");
  expect(linked("/a", "")[0]?.title).toBe("/a");
});

test("linksOf() leaves out addresses that run something", () => {
  for (const url of [
    "javascript:alert(1)",
    " java\nscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "",
    "${__data.name}",
  ])
    expect(linked(url)).toEqual([]);
  expect(safeAddress("https://example.org/a:b")).toBe("https://example.org/a:b");
  expect(safeAddress("d/x?a=b:c")).toBe("d/x?a=b:c");
});

test("linksOf() encodes texts that end within a pair of surrogates", () => {
  const field: Field = {
    name: "host",
    type: "string",
    values: ["a\ud83d"],
    config: { links: [link("/d/x?h=${__value.text}")] },
  };
  const shown = () => displayValue(field, "a\ud83d", { theme: "dark", timeZone: "utc" });
  const place = { field, frame: { length: 1, fields: [field] }, row: 0, shown, nameOf: () => "host" };
  expect(linksOf(place, (text) => text)[0]?.url).toBe("/d/x?h=a%EF%BF%BD");
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { type Envelope, EnvelopeCutter } from "./envelope-cutter.ts";

/**
 * Returns the data elements of a query API answer that arrives in pieces. `text` is split at the given byte positions.
 */
function cutUp(
  text: string,
  path: readonly string[],
  places: readonly number[] = [],
): { readonly elements: readonly unknown[]; readonly envelope: Envelope } {
  const bytes = Buffer.from(text);
  const cutter = new EnvelopeCutter(path, () => undefined);
  const elements: unknown[] = [];
  let from = 0;
  for (const to of [...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b)) {
    for (const element of cutter.push(Uint8Array.from(bytes.subarray(from, to))))
      elements.push(JSON.parse(Buffer.from(element).toString()));
    from = to;
  }
  return { elements, envelope: cutter.end() };
}

test("elements of any type are extracted, wherever the bytes are split", () =>
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 6 }),
      fc.array(fc.nat(1000), { maxLength: 8 }),
      fc.constantFrom(",", " , ", ",\n"),
      (values, places, comma) => {
        const list = values.map((value) => JSON.stringify(value)).join(comma);
        const text = `{"status":"success","data":{"resultType":"scalar","result":[${list}]},"infos":["i"]}`;
        const { elements, envelope } = cutUp(text, ["data", "result"], places);
        expect(elements).toEqual(JSON.parse(`[${list}]`));
        expect([envelope.resultType, envelope.infos]).toEqual(["scalar", ["i"]]);
      },
    ),
  ));

test("the error of an answer is reported", () => {
  const text = '{"status":"error","errorType":"bad_data","error":"1:1: parse error"}';
  expect(cutUp(text, ["data", "result"])).toEqual({
    elements: [],
    envelope: {
      status: "error",
      errorType: "bad_data",
      error: "1:1: parse error",
      resultType: "",
      warnings: [],
      infos: [],
    },
  });
});

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Field, Frame } from "../frame/frame.ts";
import { FieldNames, frameName } from "./field-name.ts";

type Golden = readonly [
  frames: readonly Frame[],
  fieldNames: readonly (readonly string[])[],
  frameNames: readonly string[],
];

// Expected names of random frames, computed by getFieldDisplayName and getFrameDisplayName of @grafana/data 13.2.3.
const golden = JSON.parse(
  readFileSync(new URL("golden/field-names.json", import.meta.url), "utf8"),
) as readonly Golden[];

const withValues = (frame: Frame): Frame => ({
  ...frame,
  length: 1,
  fields: frame.fields.map(
    (field) => ({ ...field, values: field.type === "string" ? ["a"] : Float64Array.of(1) }) as Field,
  ),
});

test("fields and frames have the names that Grafana gives them", () => {
  for (const [plain, fieldNames, frameNames] of golden) {
    const frames = plain.map(withValues);
    const names = new FieldNames(frames);
    expect([plain, frames.map((frame) => frame.fields.map((field) => names.nameOf(field, frame)))]).toEqual([
      plain,
      fieldNames,
    ]);
    expect([plain, frames.map((frame) => frameName(frame))]).toEqual([plain, frameNames]);
  }
});

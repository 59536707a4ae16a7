import { expect, test } from "vitest";
import { type MarksAction, reduceShown, type ShownMarks } from "./shown-marks.ts";

const rect = { left: 1, top: 2, width: 3, height: 4 };
const after = (...actions: readonly MarksAction[]): ShownMarks | null => actions.reduce(reduceShown, null);
const annotate = (from: number): MarksAction => ({ type: "annotate", range: { from, to: from }, rect });
const point = (isKept: boolean): MarksAction => ({ type: "point", pointed: { marks: [], rect, isKept } });
const written: MarksAction = { type: "written", step: 1 };
const cleared: MarksAction = { type: "written", step: -1 };

test("unsaved text stays after a dismissal, other marks or another range, and the user is asked for confirmation", () => {
  for (const other of [{ type: "dismiss" }, point(true), annotate(9)] as const) {
    const confirming = after(annotate(5), written, other);
    expect(confirming).toMatchObject({ range: { from: 5, to: 5 }, written: 1, isConfirming: true });
    expect(reduceShown(confirming, { type: "go on" })).toMatchObject({
      range: { from: 5 },
      written: 1,
      isConfirming: false,
    });
    expect(reduceShown(confirming, { type: "close" })).toBeNull();
  }
});

test("without unsaved text, other marks replace the shown ones", () => {
  expect(after(annotate(5), { type: "dismiss" })).toBeNull();
  expect(after(annotate(5), annotate(9))).toMatchObject({ range: { from: 9 }, isConfirming: false });
  expect(after(annotate(5), written, cleared, point(true))).toMatchObject({
    marks: [],
    written: 0,
    isConfirming: false,
  });
  expect(after(annotate(5), written, { type: "dismiss" }, cleared)).toMatchObject({ isConfirming: false });
});

test("marks under the pointer disappear when the pointer leaves, and do not replace a card that the user keeps open", () => {
  expect(after(point(false), { type: "leave" })).toBeNull();
  expect(after(point(false), { type: "keep" }, { type: "leave" })).not.toBeNull();
  expect(after(annotate(5), point(false), { type: "leave" })).toMatchObject({ range: { from: 5 } });
  expect(after(annotate(5), written, point(false))).toMatchObject({ range: { from: 5 }, isConfirming: false });
});

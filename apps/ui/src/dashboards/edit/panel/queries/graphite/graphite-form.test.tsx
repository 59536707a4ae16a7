import { expect, test } from "vitest";
import GraphiteForm from "./GraphiteForm.tsx";
import { FormRig } from "../testing/form-rig.tsx";

const rig = new FormRig(GraphiteForm);

test("the form shows the target, and values of a wrong type as absent", async () => {
  await rig.draw({ target: "sumSeries(#A)" });
  expect(rig.field("Target").value).toBe("sumSeries(#A)");
  await rig.draw({ target: 5 });
  expect(rig.field("Target").value).toBe("");
});

test("a new target removes the copy that Grafana stores, because the copy would have precedence", async () => {
  await rig.draw({ target: "a", targetFull: "a" });
  await rig.page.type(rig.field("Target"), "b");
  rig.field("Target").dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
  await rig.page.until(() =>
    expect(rig.edits).toEqual([
      { path: ["target"], value: "b" },
      { path: ["targetFull"], value: undefined },
    ]),
  );
});

import { expect, test } from "vitest";
import LokiForm from "./LokiForm.tsx";
import { FormRig } from "../testing/form-rig.tsx";

const rig = new FormRig(LokiForm);

test("the form shows the properties of a target, and values of a wrong type as absent", async () => {
  await rig.draw({ expr: '{a="b"}', maxLines: 50, legendFormat: "{{a}}", step: "1m" });
  expect(["LogQL", "Lines", "Legend", "Step"].map((label) => rig.field(label).value)).toEqual([
    '{a="b"}',
    "50",
    "{{a}}",
    "1m",
  ]);
  await rig.draw({ expr: 5, maxLines: "x", queryType: [], direction: {} });
  expect(["LogQL", "Lines"].map((label) => rig.field(label).value)).toEqual(["", ""]);
});

test("a choice changes one property of the target", async () => {
  await rig.draw({ expr: '{a="b"}' });
  const choose = (name: string): void =>
    rig.page
      .all("label")
      .find(({ textContent }) => textContent === name)!
      .click();
  choose("Oldest");
  choose("Instant");
  await rig.page.until(() =>
    expect(rig.edits).toEqual([
      { path: ["direction"], value: "forward" },
      { path: ["queryType"], value: "instant" },
    ]),
  );
});

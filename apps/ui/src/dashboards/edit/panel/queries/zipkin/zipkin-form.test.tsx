import { expect, test } from "vitest";
import { FormRig } from "../testing/form-rig.tsx";
import ZipkinForm from "./ZipkinForm.tsx";

const rig = new FormRig(ZipkinForm);

test("the form shows the id of a trace, and a value of a wrong type as absent", async () => {
  await rig.draw({ query: "4bf9", queryType: "traceID" });
  expect(["Trace id", "Service", "Span"].map((label) => rig.field(label).value)).toEqual(["4bf9", "", ""]);
  await rig.draw({ query: { a: 1 } });
  expect(rig.field("Trace id").value).toBe("");
});

import { type Edit, type JsonObject } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DrawnPage } from "../../../../../testing/drawn-page.tsx";
import GraphiteForm from "./GraphiteForm.tsx";

let page: DrawnPage;
const edits: Edit[] = [];
beforeEach(() => {
  page = new DrawnPage();
  edits.length = 0;
});
afterEach(() => page.close());

const draw = (query: JsonObject): Promise<void> =>
  page.draw(
    <GraphiteForm
      refId="A"
      query={query}
      source={undefined}
      others={[]}
      onEdit={(given) => {
        for (const edit of given) edits.push(edit);
      }}
    />,
  );

const field = (label: string): HTMLInputElement =>
  page.all<HTMLInputElement>("input, textarea").find((one) => one.getAttribute("aria-label") === label)!;

test("the form shows the target, and values of a wrong type as absent", async () => {
  await draw({ target: "sumSeries(#A)" });
  expect(field("Target").value).toBe("sumSeries(#A)");
  await draw({ target: 5 });
  expect(field("Target").value).toBe("");
});

test("a new target removes the copy that Grafana stores, because the copy would have precedence", async () => {
  await draw({ target: "a", targetFull: "a" });
  await page.type(field("Target"), "b");
  field("Target").dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
  await page.until(() =>
    expect(edits).toEqual([
      { path: ["target"], value: "b" },
      { path: ["targetFull"], value: undefined },
    ]),
  );
});

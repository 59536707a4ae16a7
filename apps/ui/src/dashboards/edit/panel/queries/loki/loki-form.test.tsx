import { type Edit, type JsonObject } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DrawnPage } from "../../../../../testing/drawn-page.tsx";
import LokiForm from "./LokiForm.tsx";

let page: DrawnPage;
const edits: Edit[] = [];
beforeEach(() => {
  page = new DrawnPage();
  edits.length = 0;
});
afterEach(() => page.close());

const draw = (query: JsonObject): Promise<void> =>
  page.draw(
    <LokiForm
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

test("the form shows the properties of a target, and values of a wrong type as absent", async () => {
  await draw({ expr: '{a="b"}', maxLines: 50, legendFormat: "{{a}}", step: "1m" });
  expect(["LogQL", "Lines", "Legend", "Step"].map((label) => field(label).value)).toEqual([
    '{a="b"}',
    "50",
    "{{a}}",
    "1m",
  ]);
  await draw({ expr: 5, maxLines: "x", queryType: [], direction: {} });
  expect(["LogQL", "Lines"].map((label) => field(label).value)).toEqual(["", ""]);
});

test("a choice changes one property of the target", async () => {
  await draw({ expr: '{a="b"}' });
  const choose = (name: string): void =>
    page
      .all("label")
      .find(({ textContent }) => textContent === name)!
      .click();
  choose("Oldest");
  choose("Instant");
  await page.until(() =>
    expect(edits).toEqual([
      { path: ["direction"], value: "forward" },
      { path: ["queryType"], value: "instant" },
    ]),
  );
});

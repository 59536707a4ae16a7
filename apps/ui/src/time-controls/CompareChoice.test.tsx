import { afterEach, beforeEach, expect, test } from "vitest";
import { DrawnPage } from "../testing/drawn-page.tsx";
import { CompareChoice } from "./CompareChoice.tsx";

let page: DrawnPage;
beforeEach(() => void (page = new DrawnPage()));
afterEach(() => page.close());

test("a custom distance is applied by its button as soon as it is valid", async () => {
  const chosen: string[] = [];
  await page.draw(<CompareChoice compare="" isNeeded={false} onCompare={(compare) => chosen.push(compare)} />);
  await page.type(page.all<HTMLSelectElement>("select")[0]!, "custom");
  const apply = () => page.find<HTMLButtonElement>("button", "Apply");
  expect(apply().disabled).toBe(true);
  await page.type(page.field("Distance"), "3 parsecs");
  expect(apply().disabled).toBe(true);
  await page.type(page.field("Distance"), "3h");
  await page.click(apply());
  expect(chosen).toEqual(["3h"]);
});

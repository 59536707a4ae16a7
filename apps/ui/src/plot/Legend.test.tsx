import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../testing/drawn-page.tsx";
import { hiddenAfterClick, Legend, type LegendItem } from "./Legend.tsx";

let page: DrawnPage;
beforeEach(() => {
  page = new DrawnPage();
});
afterEach(() => page.close());

const items = Array.from({ length: 250 }, (_, at): LegendItem => {
  return { key: `s${at}`, name: `s${at}`, color: "#ff0000", values: [{ text: `${at}`, numeric: at }] };
});
const settings = { mode: "table", placement: "bottom", columns: ["Last"], sortBy: "", sortDescending: false } as const;
const names = (): string[] => page.all("[aria-pressed]").map((element) => element.textContent ?? "");

test("a long legend sorts all series, not only those in the document", async () => {
  await page.draw(
    <Legend
      items={items}
      settings={{ ...settings, sortBy: "Last", sortDescending: true }}
      hidden={new Set()}
      onHide={vi.fn()}
    />,
  );
  expect(names().length).toBe(200);
  expect(names()[0]).toBe("s249");
  await page.click(page.find("button", "Show all 250 series"));
  expect(names().length).toBe(250);
});

test.each(["list", "table"] as const)(
  "a click in a %s hides all other series, including those that are not in the document",
  async (mode) => {
    const onHide = vi.fn<(hidden: ReadonlySet<string>) => void>();
    await page.draw(<Legend items={items} settings={{ ...settings, mode }} hidden={new Set()} onHide={onHide} />);
    await page.click(page.find("button", "s0"));
    expect(onHide.mock.calls[0]![0].size).toBe(249);
  },
);

test.each([
  ["hides all others", [], "s1", false, ["s0", "s2"]],
  ["that is shown alone shows all series", ["s0", "s2"], "s1", false, []],
  ["shows only this series, also if it was hidden", ["s0", "s2"], "s2", false, ["s0", "s1"]],
  ["with a modifier key hides it", [], "s1", true, ["s1"]],
  ["with a modifier key shows it again", ["s1"], "s1", true, []],
  ["with a modifier key does not hide the last one", ["s0", "s1"], "s2", true, []],
] as const)("a click on a series %s", (_, hidden, clicked, single, after) => {
  expect(hiddenAfterClick(new Set(hidden), clicked, ["s0", "s1", "s2"], single)).toEqual(new Set(after));
});

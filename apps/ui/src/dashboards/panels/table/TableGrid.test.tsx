import { type Frame, numericColumn } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { hostedPanel } from "../../testing/hosted-panel.tsx";
import type { PanelModule } from "../../contracts/panel-kind.ts";
import { readOptions } from "../../contracts/option-table.ts";
import { tableOptions } from "./options.ts";
import { table } from "./index.ts";
import { TableGrid } from "./TableGrid.tsx";

let page: DrawnPage;
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(300);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(300);
  page = new DrawnPage();
});
afterEach(async () => {
  await page.close();
  vi.restoreAllMocks();
});

const ROWS = 500;
const frameOf = (length: number): Frame => ({
  length,
  fields: [
    numericColumn(
      { name: "Value" },
      "number",
      Float64Array.from({ length }, (_, at) => at),
    ),
  ],
});

let frame: Frame;

const Numbers: PanelModule["Panel"] = ({ context }) => (
  <TableGrid
    title="Numbers"
    frame={frame}
    options={readOptions(tableOptions, {})}
    width={300}
    height={300}
    context={context}
  />
);

async function draw(length: number): Promise<void> {
  frame = frameOf(length);
  await page.draw(hostedPanel({ ...table, Panel: Numbers }, {}));
}

const grid = (): HTMLElement => page.find("[role=grid]", "Numbers");
/** Returns the id of the active cell according to `aria-activedescendant`, and the cell's text. */
const activeCell = (): { readonly named: string | null; readonly text: string | undefined } => {
  const named = grid().getAttribute("aria-activedescendant");
  return { named, text: named === null ? undefined : document.getElementById(named)?.textContent };
};

test("the active cell is always a cell in the document, or none", async () => {
  await draw(ROWS);
  expect(activeCell().text).toContain("Value");
  await page.press("ArrowDown", grid());
  expect(activeCell().text).toBe("0");
  // Scrolls the active cell out of view, so that its element is removed.
  grid().scrollTop = 9000;
  grid().dispatchEvent(new Event("scroll"));
  await page.until(() =>
    expect(page.all("[role=gridcell]").some(({ textContent }) => textContent === "0")).toBe(false),
  );
  expect(activeCell().named).toBeNull();
});

test("if the new data has fewer rows and the active cell is not among them, the last cell becomes active", async () => {
  await draw(ROWS);
  for (let at = 0; at < 6; at++) await page.press("ArrowDown", grid());
  expect(activeCell().text).toBe("5");
  await draw(3);
  expect(activeCell().text).toBe("2");
  await page.press("ArrowUp", grid());
  expect(activeCell().text).toBe("1");
});

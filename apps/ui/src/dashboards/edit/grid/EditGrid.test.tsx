import { type Panel, readDashboard } from "@narthex/dashboards";
import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DashboardContextValue } from "../../data/dashboard-context.ts";
import { DashboardContext } from "../../data/dashboard-context.ts";
import type { PanelCardProps } from "../../panel/PanelCard.tsx";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import type { DashboardEdit } from "../../draft/edit-context.ts";
import { EditContext } from "../../draft/edit-context.ts";
import { dashboardOf } from "../../draft/draft-dashboard.ts";
import { EditGrid } from "./EditGrid.tsx";

/** Titles of the panels whose content was drawn since the last check. */
let drawn: string[];

vi.mock("../../panel/PanelCard.tsx", async () => {
  const { memo } = await import("react");
  const PanelCard = memo(({ panel, width, height }: PanelCardProps) => {
    drawn.push(panel.title);
    return <section aria-label={panel.title}>{`${width} × ${height}`}</section>;
  });
  return { PanelCard };
});

/** Width of 24 columns, pixels. Each column takes 40 pixels, including a gap of 8. */
const WIDTH_PX = 24 * 40 - 8;

let page: DrawnPage;
let edit: DashboardEdit;
let context: DashboardContextValue;

beforeEach(() => {
  drawn = [];
  page = new DrawnPage();
  vi.stubGlobal(
    "ResizeObserver",
    class {
      readonly #report: ResizeObserverCallback;

      constructor(report: ResizeObserverCallback) {
        this.#report = report;
      }

      observe(): void {
        const entry = { contentRect: { width: WIDTH_PX, height: 0 } } as ResizeObserverEntry;
        this.#report([entry], this);
      }

      unobserve(): void {}

      disconnect(): void {}
    },
  );
});
afterEach(() => page.close());

const panel = (id: number, title: string, x: number, y: number): object => ({
  id,
  type: "text",
  title,
  gridPos: { x, y, w: 12, h: 4 },
});

const usual = [panel(1, "One", 0, 0), panel(2, "Two", 0, 4), panel(3, "Aside", 12, 0)];

/** @param hosts values of the variable `host` */
async function open(panels = usual, hosts: readonly string[] = []): Promise<void> {
  const { dashboard } = await readDashboard({
    uid: "d",
    schemaVersion: 43,
    panels,
    templating: { list: [{ name: "host", type: "custom", query: hosts.join(","), multi: true }] },
  });
  const variable = dashboard.variables[0]!;
  const current = hosts.map((value) => ({ value, text: value }));
  context = {
    states: new Map([["host", { variable, options: current, current }]]),
  } as Partial<DashboardContextValue> as DashboardContextValue;
  edit = {
    dashboard,
    change: (_, change) => {
      edit = { ...edit, dashboard: dashboardOf(change(edit.dashboard.source), edit.dashboard) };
    },
  } as Partial<DashboardEdit> as DashboardEdit;
  await draw();
}

const draw = (): Promise<void> =>
  page.draw(
    <DashboardContext value={context}>
      <EditContext value={edit}>
        <EditGrid />
      </EditContext>
    </DashboardContext>,
  );

const cellOf = (title: string): HTMLElement => page.find("section", title).closest<HTMLElement>("[data-edit-cell]")!;
const placeOf = (title: string): string[] => {
  const { left, top } = cellOf(title).parentElement!.style;
  return [left, top];
};
const button = (title: string): HTMLElement => page.find("button", `Move ${title}`);

const point = (target: HTMLElement, kind: string, [pageX, pageY]: readonly [number, number]): Promise<void> =>
  act(async () => {
    const event = new PointerEvent(kind, { bubbles: true, clientX: pageX, clientY: pageY + 200, pointerId: 1 });
    Object.defineProperties(event, { pageX: { value: pageX }, pageY: { value: pageY } });
    target.dispatchEvent(event);
  });

test("a dragged panel follows the pointer, other panels move when it reaches another cell, and no content is drawn again", async () => {
  await open();
  expect(drawn.toSorted()).toEqual(["Aside", "One", "Two"]);
  drawn = [];
  const hold = button("One");
  await point(hold, "pointerdown", [100, 100]);
  await point(hold, "pointermove", [103, 107]);
  expect(cellOf("One").style.transform).toBe("translate(3px, 7px)");
  const changed = new Set<Node>();
  const watched = new MutationObserver((records) => {
    for (const { target } of records) changed.add(target);
  });
  watched.observe(document.body, { subtree: true, attributes: true, childList: true, characterData: true });
  await point(hold, "pointermove", [105, 112]);
  await page.settle();
  watched.disconnect();
  expect(changed).toStrictEqual(new Set([cellOf("One")]));
  expect(cellOf("One").style.transform).toBe("translate(5px, 12px)");
  expect(placeOf("Two")).toEqual(["0px", "152px"]);

  await point(hold, "pointermove", [105, 300]);
  expect(placeOf("Two")).toEqual(["0px", "0px"]);
  expect(placeOf("One")).toEqual(["0px", "152px"]);
  // The cell has moved down by 152 px and the pointer by 200 px. So the element's offset from its cell is 48 px.
  expect(cellOf("One").style.transform).toBe("translate(5px, 48px)");
  expect(drawn).toEqual([]);

  await point(hold, "pointerup", [105, 300]);
  await draw();
  expect(edit.dashboard.panels.map(({ title, position }: Panel) => [title, position.y])).toEqual([
    ["One", 4],
    ["Two", 0],
    ["Aside", 0],
  ]);
  expect(cellOf("One").style.transform).toBe("");
  expect(drawn).toEqual([]);
});

test("a panel that is dropped at its old position changes nothing", async () => {
  await open();
  const { dashboard } = edit;
  const hold = button("One");
  await point(hold, "pointerdown", [100, 100]);
  await point(hold, "pointermove", [108, 104]);
  await point(hold, "pointerup", [108, 104]);
  await draw();
  expect(edit.dashboard).toBe(dashboard);
  expect(cellOf("One").style.transform).toBe("");
});

test("the elements keep their order during a drag, so that the pointer stays on the panel's element", async () => {
  await open();
  const order = (): readonly (string | null)[] =>
    page.all("section").map((element) => element.getAttribute("aria-label"));
  const before = order();
  const hold = button("One");
  await point(hold, "pointerdown", [100, 100]);
  await point(hold, "pointermove", [105, 300]);
  expect(placeOf("One")).toEqual(["0px", "152px"]);
  expect(order()).toEqual(before);
});

test("a repeated panel is drawn with its copies, as on the page, and without them while a panel is moved", async () => {
  await open([{ ...panel(1, "One", 0, 0), repeat: "host" }, panel(2, "Below", 0, 4)], ["a", "b", "c"]);
  const shown = (): readonly (string | null)[] =>
    page.all("section").map((element) => `${element.getAttribute("aria-label")} ${element.textContent}`);
  expect(shown().toSorted()).toEqual(["Below 472 × 144", "One 312 × 144", "One 312 × 144", "One 312 × 144"]);
  expect(page.all("[data-copy]").map((copy) => copy.inert)).toEqual([true, true]);
  const hold = button("Below");
  await point(hold, "pointerdown", [100, 100]);
  await point(hold, "pointermove", [105, 104]);
  expect(shown().toSorted()).toEqual(["Below 472 × 144", "One 472 × 144"]);
  await point(hold, "pointerup", [105, 104]);
  expect(page.all("[data-copy]").length).toBe(2);
});

test("the page scrolls to a panel that is added below the visible part", async () => {
  vi.stubGlobal("innerHeight", 400);
  await open();
  const scrolled = vi.spyOn(window, "scrollBy").mockImplementation(() => undefined);
  edit.change("Add", (json) => ({ ...json, panels: [...(json["panels"] as object[]), panel(4, "New", 0, 60)] }));
  await draw();
  expect(scrolled.mock.calls).toEqual([[{ top: 224, behavior: "instant" }]]);
});

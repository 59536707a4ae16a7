import { MantineProvider } from "@mantine/core";
import { act } from "react";
import { createRoot } from "react-dom/client";
import type { Root } from "react-dom/client";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { DataTable } from "./DataTable.tsx";
import type { DataColumn } from "./DataTable.tsx";

interface Disk {
  readonly name: string;
  readonly used: number | undefined;
  readonly fault?: string;
}

const columns: ReadonlyArray<DataColumn<Disk>> = [
  { header: "Name", cell: ({ name }) => name, sortKey: ({ name }) => name },
  { header: "Used", cell: ({ used }) => used ?? "–", sortKey: ({ used }) => used },
  { header: "Open", cell: () => <input type="checkbox" /> },
];
const disks: readonly Disk[] = [
  { name: "sdb", used: 10, fault: "read error" },
  { name: "sda", used: 9 },
  { name: "sdd", used: undefined },
  { name: "sdc", used: 9 },
];

// Loads the virtualizer's module before the tests, so that each test renders at once.
beforeAll(() => import("./VirtualWindow.tsx"));

let page: HTMLElement;
let root: Root;

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  // Gives rows a height. Without heights, rows would never fill the window, so the list would render ever more of them.
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(44);
  page = document.body.appendChild(document.createElement("div"));
  root = createRoot(page);
});
afterEach(async () => {
  await act(async () => root.unmount());
  page.remove();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

async function show(
  items: readonly Disk[],
  options: { readonly sortedBy?: string; readonly virtual?: boolean; readonly stacked?: boolean } = {},
): Promise<void> {
  await act(async () =>
    root.render(
      <MantineProvider>
        <DataTable
          columns={columns}
          items={items}
          keyOf={({ name }) => name}
          detail={({ fault }) => fault}
          aria-label="Disks"
          {...options}
        />
      </MantineProvider>,
    ),
  );
}

const all = (selector: string): HTMLElement[] => Array.from(page.querySelectorAll<HTMLElement>(selector));
const names = (): string[] =>
  all("tbody:not([aria-hidden]) > tr:not([aria-hidden]) > td:first-child").map((cell) => cell.textContent ?? "");
const directions = (): Array<string | null> => all("thead th").map((header) => header.getAttribute("aria-sort"));
const sortBy = (header: string): Promise<void> =>
  act(async () =>
    all("thead button")
      .find((button) => button.textContent === header)
      ?.click(),
  );

test("rows are in the given order; clicks on a header sort ascending, then descending, then restore that order", async () => {
  await show(disks);
  const given = ["sdb", "read error", "sda", "sdd", "sdc"];
  expect(names()).toEqual(given);
  expect(directions()).toEqual(["none", "none", null]);
  await sortBy("Name");
  expect(names()).toEqual(["sda", "sdb", "read error", "sdc", "sdd"]);
  expect(directions()).toEqual(["ascending", "none", null]);
  await sortBy("Name");
  expect(names()).toEqual(["sdd", "sdc", "sdb", "read error", "sda"]);
  expect(directions()).toEqual(["descending", "none", null]);
  await sortBy("Name");
  expect(names()).toEqual(given);
  expect(directions()).toEqual(["none", "none", null]);
});

test("numbers are sorted by value, equal ones keep their order, and rows without a number come last in both directions", async () => {
  await show(disks);
  await sortBy("Used");
  expect(names()).toEqual(["sda", "sdc", "sdb", "read error", "sdd"]);
  await sortBy("Used");
  expect(names()).toEqual(["sdb", "read error", "sda", "sdc", "sdd"]);
});

test("a table with an initial sort always stays sorted by one column", async () => {
  await show(disks, { sortedBy: "Name" });
  expect(directions()).toEqual(["ascending", "none", null]);
  await sortBy("Name");
  await sortBy("Name");
  expect(names()).toEqual(["sda", "sdb", "read error", "sdc", "sdd"]);
  await sortBy("Used");
  expect(directions()).toEqual(["none", "ascending", null]);
});

test("sorted rows keep their state, and new items are inserted at their positions", async () => {
  await show(disks, { sortedBy: "Name" });
  const box = (name: string) =>
    all("tbody tr")
      .find((row) => row.firstChild?.textContent === name)
      ?.querySelector("input");
  box("sdc")?.click();
  await sortBy("Name");
  expect(["sda", "sdb", "sdc", "sdd"].map((name) => box(name)?.checked)).toEqual([false, false, true, false]);
  await show([...disks, { name: "sdca", used: 1 }], { sortedBy: "Name" });
  expect(names()).toEqual(["sdd", "sdca", "sdc", "sdb", "read error", "sda"]);
  expect(box("sdc")?.checked).toBe(true);
});

test("only sortable columns have a button, and cells contain their column's name for the card layout", async () => {
  await show(disks, { stacked: true });
  expect(all("thead button").map((button) => button.textContent)).toEqual(["Name", "Used"]);
  expect(all("tbody:first-of-type > tr:first-child > td").map((cell) => cell.dataset["label"])).toEqual([
    "Name",
    "Used",
    "Open",
  ]);
  expect(all("td[data-follows]").map((cell) => [cell.textContent, cell.getAttribute("colspan")])).toEqual([
    ["read error", "3"],
  ]);
});

test("of thousands of rows only the first few of the order are in the document", async () => {
  const many = Array.from({ length: 3000 }, (_, index) => ({ name: `disk ${9999 - index}`, used: index }));
  await show(many, { virtual: true });
  await sortBy("Name");
  expect(page.querySelector("table")?.getAttribute("aria-rowcount")).toBe("3000");
  expect(names().length).toBeGreaterThan(0);
  expect(names().length).toBeLessThan(100);
  expect(names()[0]).toBe("disk 7000");
  await show(many.slice(0, 200));
  expect(names()).toHaveLength(200);
});

test("a row and its detail row are measured as one element and counted as one row", async () => {
  const many = Array.from({ length: 500 }, (_, index) => ({ name: `disk ${index}`, used: index, fault: "read error" }));
  await show(many, { virtual: true });
  const measured = all("[data-index]");
  expect(measured.length).toBeGreaterThan(12);
  expect(measured.map((element) => element.textContent)).toEqual(
    measured.map((_, index) => `disk ${index}${index}read error`),
  );
  expect(all("[aria-rowindex]").map((row) => [row.firstChild?.textContent, row.getAttribute("aria-rowindex")])).toEqual(
    measured.map((_, index) => [`disk ${index}`, String(index + 1)]),
  );
});

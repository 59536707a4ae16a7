import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import { Palette } from "./Palette.tsx";
import type { PaletteProvider } from "./palette-provider.ts";

let page: DrawnPage;
beforeEach(() => {
  page = new DrawnPage();
});
afterEach(() => page.close());

const provider = (name: string, find: PaletteProvider["find"]): PaletteProvider => ({
  name,
  icon: (() => null) as never,
  find,
});

test("places of all providers are options, and the failure of one does not hide the others", async () => {
  const titles = ["Overview", "Host"];
  const dashboards = provider("Dashboards", async () => titles.map((title) => ({ title, href: `/d/${title}` })));
  const metrics = provider("Metrics", () => Promise.reject(new Error("no answer")));
  const pages = provider("Pages", async () => [{ title: "<b>Query</b>", hint: "Server", href: "/query" }]);
  await page.draw(<Palette providers={[dashboards, metrics, pages]} onClose={() => undefined} />);
  await page.settle();
  const options = [...document.querySelectorAll('[role="option"]')];
  expect(options.map(({ textContent }) => textContent)).toEqual(["Overview", "Host", "<b>Query</b>Server"]);
  expect(document.body.textContent).toContain("Metrics could not be searched: no answer");
  const input = document.querySelector<HTMLInputElement>('[role="combobox"]')!;
  const active = (): Element | null => document.getElementById(input.getAttribute("aria-activedescendant")!);
  expect(active()).toBe(options[0]);
  for (const [key, at] of [
    ["ArrowDown", 1],
    ["ArrowDown", 2],
    ["ArrowDown", 0],
    ["ArrowUp", 2],
  ] as const) {
    await page.press(key, input);
    expect(active()).toBe(options[at]);
    expect(options[at]!.getAttribute("aria-selected")).toBe("true");
  }
});

test("Enter before the places of the text are found opens the first of them, not a place of the text before", async () => {
  const { promise, resolve } = Promise.withResolvers<{ title: string; href: string }[]>();
  const onClose = vi.fn<() => void>();
  const pages = provider("Pages", async (text) => (text === "" ? [{ title: "First", href: "/first" }] : promise));
  await page.draw(<Palette providers={[pages]} onClose={onClose} />);
  await page.until(() => expect(document.querySelectorAll('[role="option"]')).toHaveLength(1));
  const input = document.querySelector<HTMLInputElement>('[role="combobox"]')!;
  await page.type(input, "node");
  await page.press("Enter", input);
  expect(onClose).not.toHaveBeenCalled();
  resolve([{ title: "Node", href: "/node" }]);
  await page.until(() => expect(onClose).toHaveBeenCalledOnce());
});

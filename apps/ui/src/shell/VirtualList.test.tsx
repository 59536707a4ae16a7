import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../testing/drawn-page.tsx";
import { VirtualList } from "./VirtualList.tsx";

// Loads the virtualizer's module before the tests, so that each test renders at once.
beforeAll(() => import("./VirtualWindow.tsx"));

let page: DrawnPage;
beforeEach(() => {
  page = new DrawnPage();
});
afterEach(async () => {
  await page.close();
  vi.restoreAllMocks();
});

interface Item {
  readonly name: string;
  readonly height: number;
}

async function draw(items: readonly Item[]): Promise<void> {
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockImplementation(function height(this: HTMLElement) {
    return Number(this.dataset["height"] ?? 0);
  });
  await page.draw(
    <VirtualList
      items={items}
      keyOf={({ name }) => name}
      estimatedHeight={({ height }) => height}
      render={({ name, height }) => <p data-height={height}>{name}</p>}
    />,
  );
}

const space = (): string => page.all("div[aria-hidden]").at(-1)!.style.height;

test("the space for items that are not rendered is the sum of their own estimates", async () => {
  const items = Array.from({ length: 500 }, (_, at) => ({ name: `item ${at}`, height: at % 2 === 0 ? 40 : 90 }));
  await draw(items);
  const drawn = page.all("p").length;
  expect(drawn).toBeLessThan(60);
  const rest = items.slice(drawn).reduce((sum, { height }) => sum + height, 0);
  expect(space()).toBe(`${rest}px`);
});

test("only a few items are rendered if each is as high as the window", async () => {
  await draw(Array.from({ length: 500 }, (_, at) => ({ name: `item ${at}`, height: 900 })));
  expect(page.all("p").length).toBeLessThan(5);
});

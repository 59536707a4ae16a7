import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../testing/drawn-page.tsx";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { whenLoaded } from "./when-loaded.tsx";

let page: DrawnPage;

beforeEach(() => {
  page = new DrawnPage();
});
afterEach(async () => {
  await page.close();
  vi.restoreAllMocks();
});

function Word({ word }: { word: string }) {
  return <p>{word}</p>;
}

test("a component is shown when its code is loaded, and at once the next time", async () => {
  const code = Promise.withResolvers<{ default: typeof Word }>();
  const load = vi.fn<() => typeof code.promise>(() => code.promise);
  const Part = whenLoaded(load, <p>coming</p>);
  await page.draw(<Part word="one" />);
  page.find("p", "coming");
  code.resolve({ default: Word });
  await page.settle();
  page.find("p", "one");
  await page.draw(<b />);
  await page.draw(<Part word="two" />);
  page.find("p", "two");
  expect(load).toHaveBeenCalledTimes(1);
});

test("the content until the code is loaded may depend on the properties", async () => {
  const code = Promise.withResolvers<{ default: typeof Word }>();
  const Part = whenLoaded(
    () => code.promise,
    ({ word }) => <p>{word} is coming</p>,
  );
  await page.draw(<Part word="one" />);
  page.find("p", "one is coming");
  code.resolve({ default: Word });
  await page.settle();
  page.find("p", "one");
});

test("a component that was loaded before it is rendered has no fallback", async () => {
  const Fallback = vi.fn<() => null>(() => null);
  const Part = whenLoaded(() => Promise.resolve({ default: Word }), <Fallback />);
  await Part.load();
  await page.draw(<Part word="there" />);
  page.find("p", "there");
  expect(Fallback).not.toHaveBeenCalled();
});

test("a loading error is shown by the boundary, and a retry loads the code again", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  let isOffline = true;
  const Part = whenLoaded<{ word: string }>(async () => {
    if (isOffline) throw new Error("no such file");
    return { default: Word };
  });
  await page.draw(
    <ErrorBoundary of="part">
      <Part word="there" />
    </ErrorBoundary>,
  );
  expect(document.body.textContent).toContain("no such file");
  isOffline = false;
  await page.click(page.all("button")[0]!);
  page.find("p", "there");
});

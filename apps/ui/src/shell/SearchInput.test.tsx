import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../testing/drawn-page.tsx";
import { SearchInput } from "./SearchInput.tsx";

let page: DrawnPage;
const onChange = vi.fn<(text: string) => void>();

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onChange.mockClear();
  page = new DrawnPage();
  await page.draw(<SearchInput label="Search" value="" onChange={onChange} />);
  await page.type(page.field("Search"), "up");
});
afterEach(async () => {
  await page.close();
  vi.useRealTimers();
});

const wait = () => act(async () => vi.advanceTimersByTimeAsync(1000));

test("the text is reported after a pause", async () => {
  expect(onChange).not.toHaveBeenCalled();
  await wait();
  expect(onChange).toHaveBeenCalledExactlyOnceWith("up");
});

test("the text is reported at once when the field loses the focus, as with a click on a link", async () => {
  await act(async () => page.field("Search").dispatchEvent(new FocusEvent("focusout", { bubbles: true })));
  expect(onChange).toHaveBeenCalledExactlyOnceWith("up");
  await wait();
  expect(onChange).toHaveBeenCalledTimes(1);
});

test("nothing is reported while a pointer button is held, so that the click target does not move, and the text is reported before the click", async () => {
  const pressed = new Event("pointerdown");
  await act(async () => void window.dispatchEvent(pressed));
  await act(async () => page.field("Search").dispatchEvent(new FocusEvent("focusout", { bubbles: true })));
  await wait();
  expect(onChange).not.toHaveBeenCalled();
  await act(async () => void window.dispatchEvent(new Event("pointerup")));
  await act(async () => void window.dispatchEvent(new MouseEvent("click")));
  expect(onChange).toHaveBeenCalledExactlyOnceWith("up");
});

test.each([
  ["the user goes back", () => window.dispatchEvent(new PopStateEvent("popstate"))],
  ["the page is left", () => page.draw(<p />)],
])("the text is not reported when %s", async (_, leave) => {
  await act(async () => leave());
  await wait();
  expect(onChange).not.toHaveBeenCalled();
});

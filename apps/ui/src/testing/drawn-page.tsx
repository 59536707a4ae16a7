import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act } from "react";
import type { ReactNode } from "react";
import { createRoot } from "react-dom/client";
import type { Root } from "react-dom/client";
import { MemoryRouter, Route, Routes } from "react-router";
import { vi } from "vitest";

/** The real `setTimeout`, which still works when a test uses fake timers. */
const nextTurn = setTimeout;
const TURNS = 5;
const STEP_MS = 5;
/** Maximum number of attempts of `until`, which take about ten seconds in total. */
const PATIENCE_STEPS = 2000;

/** A page for tests, in which components are rendered and used as a user would. */
export class DrawnPage {
  readonly #element = document.body.appendChild(document.createElement("div"));
  readonly #root: Root;
  readonly #client = new QueryClient({ defaultOptions: { queries: { retry: false } } });

  constructor() {
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    this.#root = createRoot(this.#element);
  }

  /**
   * Renders a node in place of the previous one, with a router at the given URL.
   * @param address current address of the router
   * @param route pattern of the router that the address matches
   */
  async draw(node: ReactNode, address = "/", route = "*"): Promise<void> {
    await act(async () =>
      this.#root.render(
        <MantineProvider env="test">
          <QueryClientProvider client={this.#client}>
            <MemoryRouter initialEntries={[address]}>
              <Routes>
                <Route path={route} element={node} />
              </Routes>
            </MemoryRouter>
          </QueryClientProvider>
        </MantineProvider>,
      ),
    );
    await this.settle();
  }

  /**
   * Waits until the page shows the responses that have arrived. The wait takes several turns of the timer: reading a
   * response and notifying components is asynchronous.
   */
  async settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await act(async () => new Promise((resolve) => nextTurn(resolve, 1)));
  }

  /**
   * Repeats a check until it does not throw. Each attempt has its own `act`, because a rendering may trigger the next
   * one.
   */
  async until(check: () => void): Promise<void> {
    for (let left = PATIENCE_STEPS; ; left--) {
      await act(async () => new Promise((resolve) => setTimeout(resolve, STEP_MS)));
      try {
        return check();
      } catch (error) {
        if (left === 0) throw error;
      }
    }
  }

  async close(): Promise<void> {
    await act(async () => this.#root.unmount());
    this.#element.remove();
    vi.unstubAllGlobals();
  }

  all<T extends HTMLElement = HTMLElement>(selector: string): readonly T[] {
    return Array.from(document.body.querySelectorAll<T>(selector));
  }

  /** Returns the first element that matches the selector and whose name or text matches `name`. */
  find<T extends HTMLElement = HTMLElement>(selector: string, name: string | RegExp): T {
    const found = this.all<T>(selector).find((element) => {
      const own = element.getAttribute("aria-label") ?? element.textContent ?? "";
      return typeof name === "string" ? own.trim() === name : name.test(own);
    });
    if (found === undefined) throw new Error(`there is no ${selector} called ${String(name)}`);
    return found;
  }

  /** Returns the input field with this label. */
  field(label: string): HTMLInputElement {
    const named = this.all("label").find((element) => element.textContent === label);
    const field =
      named === undefined
        ? this.all<HTMLInputElement>("input").find((input) => input.getAttribute("aria-label") === label)
        : document.querySelector<HTMLInputElement>(`#${CSS.escape(named.getAttribute("for") ?? "")}`);
    if (field === undefined || field === null) throw new Error(`there is no field called ${label}`);
    return field;
  }

  async click(element: HTMLElement): Promise<void> {
    await act(async () => element.click());
    await this.settle();
  }

  async type(field: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement, text: string): Promise<void> {
    await act(async () => {
      // Uses the prototype's setter for `value`, because React overrides the element's own setter and ignores values
      // that are set with it.
      const prototype: object = Object.getPrototypeOf(field);
      Object.getOwnPropertyDescriptor(prototype, "value")?.set?.call(field, text);
      field.dispatchEvent(new Event(field instanceof HTMLSelectElement ? "change" : "input", { bubbles: true }));
    });
    await this.settle();
  }

  async press(key: string, target: EventTarget = document.body): Promise<void> {
    await act(async () => target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })));
    await this.settle();
  }
}

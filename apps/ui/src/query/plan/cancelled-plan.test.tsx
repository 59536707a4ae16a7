import { MantineProvider } from "@mantine/core";
import { notifyManager, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act } from "react";
import type { ReactNode } from "react";
import { createRoot } from "react-dom/client";
import type { Root } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DataSourceContext } from "../../datasource/data-source-context.ts";
import type { Capabilities } from "../../datasource/data-source.ts";
import { defaultDataSource } from "../../datasource/registry.ts";
import { defaultPanel } from "../../query-link/panel.ts";
import { EmptyReason } from "./EmptyReason.tsx";
import PlanTab from "./PlanTab.tsx";

let page: HTMLElement;
let root: Root;
let client: QueryClient;
let requestCount: number;

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  page = document.body.appendChild(document.createElement("div"));
  root = createRoot(page);
  // Notifies components in a microtask, which act() waits for, instead of in a later task.
  notifyManager.setScheduler(queueMicrotask);
  client = new QueryClient();
  requestCount = 0;
});
afterEach(async () => {
  await act(async () => root.unmount());
  client.clear();
  page.remove();
  vi.unstubAllGlobals();
});

/** A fake analysis that never responds and can only be cancelled. */
const analyze: Capabilities["analyze"] = (_query, _at, signal) => {
  requestCount++;
  return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
};

const show = (part: ReactNode): Promise<void> =>
  act(async () =>
    root.render(
      <MantineProvider>
        <QueryClientProvider client={client}>
          <DataSourceContext value={{ ...defaultDataSource, capabilities: { language: "promql", analyze } }}>
            <main>{part}</main>
          </DataSourceContext>
        </QueryClientProvider>
      </MantineProvider>,
    ),
  );
const text = (): string => page.querySelector("main")?.textContent ?? "";
const cancel = (): Promise<void> => act(async () => client.cancelQueries({ queryKey: ["panel"] }));
const requestReason = (): Promise<void> =>
  act(async () =>
    Array.from(page.querySelectorAll("button"))
      .find(({ textContent }) => textContent === "Why is it empty?")
      ?.click(),
  );

test("the reason for an empty result can be requested again after the request was cancelled", async () => {
  await show(<EmptyReason expr="up" at={{ time: 1 }} queryKey={["panel"]} />);
  for (const count of [1, 2]) {
    await requestReason();
    expect(requestCount).toBe(count);
    expect(text()).toContain("Looking for the reason");
    await cancel();
    expect(text()).toBe("Why is it empty?");
  }
});

test("a cancelled plan shows that it was cancelled", async () => {
  const panel = { ...defaultPanel, expr: "up" };
  await show(<PlanTab panel={panel} queryKey={["panel"]} onChange={() => undefined} />);
  expect(text()).toContain("Running the query");
  await cancel();
  expect(text()).not.toContain("Running the query");
  expect(text()).toContain("Query cancelled");
});

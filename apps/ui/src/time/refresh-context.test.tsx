import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act } from "react";
import type { ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RefreshContext, useRefresh, useRefreshedQuery } from "./refresh-context.ts";
import { Refresh } from "./refresh.ts";

let unmount: () => Promise<void>;
let page: HTMLElement;
let requestCounts: Record<string, number>;

beforeEach(() => {
  requestCounts = {};
  vi.useFakeTimers({ now: 1_000_000 });
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
});
afterEach(async () => {
  await unmount();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function show(content: ReactNode): Promise<void> {
  page = document.createElement("div");
  const root = createRoot(page);
  unmount = () => act(async () => root.unmount());
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  await act(async () => root.render(<QueryClientProvider client={client}>{content}</QueryClientProvider>));
  await pass(0);
}

/** Advances the fake timers, and waits until the page shows the latest responses. */
async function pass(ms: number): Promise<void> {
  await act(async () => void (await vi.advanceTimersByTimeAsync(ms)));
  await act(async () => void (await vi.advanceTimersByTimeAsync(1)));
}

/** Shows the result of a query that returns the number of its requests so far. */
function Count({ name, ...options }: { name: string; refetchInterval?: number | false; enabled?: boolean }) {
  const { data } = useRefreshedQuery({
    queryKey: [name],
    queryFn: () => Promise.resolve((requestCounts[name] = (requestCounts[name] ?? 0) + 1)),
    ...options,
  });
  return <i>{`${name} ${data ?? 0} `}</i>;
}

test("queries are refreshed at their own interval, at the user's, or not at all while paused", async () => {
  const refresh = new Refresh();
  await show(
    <RefreshContext value={refresh}>
      <Count name="usual" />
      <Count name="quick" refetchInterval={5000} />
      <Count name="still" refetchInterval={false} />
    </RefreshContext>,
  );
  expect(page.textContent).toBe("usual 1 quick 1 still 1 ");
  await pass(15_000);
  expect(page.textContent).toBe("usual 2 quick 4 still 1 ");
  await act(async () => refresh.setInterval(1000));
  await pass(3000);
  expect(page.textContent).toBe("usual 5 quick 7 still 1 ");
  await act(async () => refresh.pause());
  await pass(60_000);
  expect(page.textContent).toBe("usual 5 quick 7 still 1 ");
  await act(async () => {
    refresh.setInterval(null);
    refresh.resume();
  });
  await pass(15_000);
  expect(page.textContent).toBe("usual 6 quick 10 still 1 ");
});

test("a manual refresh repeats the enabled queries inside its context, until they leave the page", async () => {
  const [outer, inner] = [new Refresh(), new Refresh()];
  await show(
    <RefreshContext value={outer}>
      <Count name="outer" />
      <Count name="disabled" enabled={false} />
      <RefreshContext value={inner}>
        <Count name="inner" />
      </RefreshContext>
    </RefreshContext>,
  );
  await act(async () => outer.refreshNow());
  await pass(0);
  expect(page.textContent).toBe("outer 2 disabled 0 inner 1 ");
  await unmount();
  const before = outer.state;
  outer.refreshNow();
  await pass(0);
  expect(outer.state).toBe(before);
});

test("the time of the last answer is updated without rendering the queries again", async () => {
  const refresh = new Refresh();
  const drawn: string[] = [];
  function Drawn() {
    drawn.push("query");
    const { data } = useRefreshedQuery({ queryKey: ["same"], queryFn: () => Promise.resolve("same") });
    return <i>{data}</i>;
  }
  function LastRefresh() {
    return <b>{useRefresh().state.lastRefreshMs ?? "never"}</b>;
  }
  await show(
    <RefreshContext value={refresh}>
      <Drawn />
      <LastRefresh />
    </RefreshContext>,
  );
  expect(page.textContent).toBe("same1000000");
  const before = drawn.length;
  await pass(15_000);
  expect(page.textContent).toBe("same1015000");
  expect(drawn.length).toBe(before);
});

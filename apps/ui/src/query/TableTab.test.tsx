import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DataSource } from "../datasource/data-source.ts";
import { DataSourceContext } from "../datasource/data-source-context.ts";
import { defaultDataSource } from "../datasource/registry.ts";
import { Refresh } from "../time/refresh.ts";
import { RefreshContext } from "../time/refresh-context.ts";
import { DrawnPage } from "../testing/drawn-page.tsx";
import { TableTab } from "./TableTab.tsx";

let page: DrawnPage;
beforeEach(() => {
  page = new DrawnPage();
});
afterEach(() => page.close());

test("if a run fails, the last result of the same query stays, with its time", async () => {
  const answer = { resultType: "scalar", result: [1, "42"] };
  const query = vi.fn<DataSource["query"]>();
  query.mockResolvedValueOnce({ data: answer, warnings: [], infos: [], elapsedMs: 1 } as never);
  query.mockRejectedValue(new Error("connection refused"));
  const refresh = new Refresh();
  const tab = (expr: string) => (
    <RefreshContext value={refresh}>
      <DataSourceContext value={{ ...defaultDataSource, query }}>
        <TableTab panel={{ expr } as never} queryKey={["panel", 1]} />
      </DataSourceContext>
    </RefreshContext>
  );
  await page.draw(tab("a"));
  await page.until(() => expect(document.body.textContent).toContain("42"));
  refresh.refreshNow();
  await page.until(() => expect(document.body.textContent).toContain("connection refused"));
  expect(document.body.textContent).toContain("The result below is from the last run that succeeded");
  expect(document.body.textContent).toContain("42");
  await page.draw(tab("b"));
  await page.until(() => expect(document.body.textContent).toContain("connection refused"));
  expect(document.body.textContent).not.toContain("42");
});

import type { Variable, VariableOption, VariableState } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import { VariableControls } from "./VariableControls.tsx";
// Imports the lazy components in advance, so that tests need not wait for them.
import "./AdHocFilters.tsx";
import "./VariableSwitch.tsx";

const option = (value: string): VariableOption => ({ text: value, value });
const values = (options: readonly VariableOption[]) => options.map(({ value }) => value);
let page: DrawnPage;
const onChange = vi.fn<(name: string, options: readonly VariableOption[]) => void>();

beforeEach(() => {
  onChange.mockClear();
  page = new DrawnPage();
});
afterEach(() => page.close());

const stateOf = (
  variable: Partial<Variable>,
  options: readonly string[],
  current: readonly string[],
  error?: string,
): VariableState => ({
  variable: {
    name: "job",
    type: "query",
    label: "",
    description: "",
    hide: "none",
    skipUrlSync: false,
    multi: false,
    includeAll: false,
    current: [],
    options: [],
    query: "",
    regex: "",
    refresh: "load",
    sort: 0,
    source: {},
    ...variable,
  },
  options: options.map(option),
  current: current.map(option),
  ...(error === undefined ? {} : { error }),
});

const draw = (states: readonly VariableState[], more: Partial<Parameters<typeof VariableControls>[0]> = {}) =>
  page.draw(
    <VariableControls
      states={new Map(states.map((state) => [state.variable.name, state]))}
      onChange={onChange}
      {...more}
    />,
  );
const last = () => onChange.mock.lastCall?.[1] ?? [];

test("a search finds one of many options, and a selected option is applied at once", async () => {
  await draw([stateOf({ label: "Job" }, ["api", "db", "web"], ["api"])]);
  await page.click(page.find("button", "Job: api"));
  const search = page.field("Search: Options of Job");
  await page.type(search, "w");
  await page.press("Enter", search);
  expect(onChange).toHaveBeenCalledExactlyOnceWith("job", [option("web")]);
});

test("several options are applied together when the list closes, and All excludes the others", async () => {
  const state = stateOf({ multi: true, includeAll: true }, ["api", "db", "web"], ["$__all"]);
  await draw([state]);
  await page.click(page.find("button", "job: All"));
  expect(page.all("[role=option]").map(({ textContent }) => textContent)).toEqual(["All", "api", "db", "web"]);
  await page.click(page.find("[role=option]", "api"));
  await page.click(page.find("[role=option]", "web"));
  expect(onChange).not.toHaveBeenCalled();
  await page.click(page.find("button", "Done"));
  expect(values(last())).toEqual(["api", "web"]);
  await page.click(page.find("button", "job: All"));
  await page.click(page.find("button", "Clear"));
  await page.click(page.find("button", "Done"));
  expect(onChange).toHaveBeenCalledTimes(1);
});

test("if a list has ten thousand options, only a few are in the document, and keys reach the last one", async () => {
  const many = Array.from({ length: 10_000 }, (_, at) => `node-${at}`);
  await draw([stateOf({}, many, ["node-0"])]);
  await page.click(page.find("button", "job: node-0"));
  const search = page.field("Search: Options of job");
  expect(page.all("[role=option]").length).toBeLessThan(40);
  expect(page.all("[role=option]")[0]?.getAttribute("aria-setsize")).toBe("10000");
  await page.press("ArrowUp", search);
  await page.press("Enter", search);
  expect(values(last())).toEqual(["node-9999"]);
});

test("a value that is not an option may be typed, unless the dashboard forbids it", async () => {
  const search = () => page.field("Search: Options of job");
  await draw([stateOf({}, ["api"], ["api"])], { onSearch: onSearch });
  await page.click(page.find("button", "job: api"));
  await page.type(search(), "other");
  await page.press("Enter", search());
  expect(values(last())).toEqual(["other"]);
  expect(onSearch).toHaveBeenLastCalledWith("job", "other");
  onChange.mockClear();
  await draw([stateOf({ source: { allowCustomValue: false } }, ["api"], ["api"])]);
  await page.click(page.find("button", "job: api"));
  await page.type(search(), "other");
  await page.press("Enter", search());
  expect(onChange).not.toHaveBeenCalled();
});
const onSearch = vi.fn<(name: string, text: string) => void>();

test("Enter applies a text, and Escape restores the old one", async () => {
  await draw([stateOf({ type: "textbox", name: "text" }, [], ["old"])]);
  const field = page.field("text");
  await page.type(field, "new");
  expect(onChange).not.toHaveBeenCalled();
  await page.press("Escape", field);
  expect(field.value).toBe("old");
  await page.type(field, "new");
  await page.press("Enter", field);
  expect(onChange).toHaveBeenCalledExactlyOnceWith("text", [option("new")]);
});

test("a variable with two values is a switch", async () => {
  await draw([stateOf({ type: "switch", name: "debug" }, ["yes", "no"], ["no"])]);
  await page.click(page.field("debug"));
  expect(onChange).toHaveBeenCalledExactlyOnceWith("debug", [option("yes")]);
});

test("filters are added, changed and removed, and values are requested for the key of the filter", async () => {
  const suggestions = {
    keys: vi.fn(async () => ["env", "job"]),
    values: vi.fn(async () => ["prod"]),
  };
  await draw([stateOf({ type: "adhoc", name: "Filters" }, [], ["job|=|api"])], { suggestions });
  await page.click(page.find("button", "Add filter"));
  await page.type(page.field("Label"), "env");
  expect(suggestions.values).toHaveBeenCalledTimes(1);
  await page.type(page.field("Value"), "a|b");
  await page.click(page.find("button", "Apply filter"));
  expect(values(last())).toEqual(["job|=|api", "env|=|a__gfp__b"]);
  await page.click(page.find("button", "Remove job = api"));
  expect(values(last())).toEqual([""]);
});

test("hidden variables are not shown, and a failed one shows its error", async () => {
  await draw(
    [
      stateOf({ name: "a", hide: "variable" }, ["1"], ["1"]),
      stateOf({ name: "b", type: "constant" }, ["1"], ["1"]),
      stateOf({ name: "c", hide: "label", description: "no label" }, ["1"], ["1"]),
      stateOf({ name: "d", description: "What d is" }, ["1"], ["1"], "The source did not answer."),
      stateOf({ name: "e", hide: "menu" }, ["1"], ["1"]),
    ],
    { loading: new Set(["c"]) },
  );
  expect(page.all("[data-variable]").map((element) => element.dataset["variable"])).toEqual(["c", "d"]);
  page.find("button", "The values of d could not be loaded: The source did not answer.");
  page.find("button", "About d");
  page.find("[role=status]", "Loading c");
  await page.click(page.find("button", "More controls"));
  page.find("button", "e: 1");
});

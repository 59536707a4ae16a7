import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RuleContent, StoredNamespace } from "../../../api/stored-rules.ts";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import type { GeneratedRule } from "./alert-rule-api.ts";
import { groupWithRule, placeProblem } from "./rule-group.ts";
import { SaveRule } from "./SaveRule.tsx";

let page: DrawnPage;
beforeEach(() => {
  page = new DrawnPage();
});
afterEach(() => page.close());

const rule: RuleContent = { alert: "Slow", expr: "x > 1", labels: { severity: "critical" } };
const made: GeneratedRule = {
  yaml: "",
  content: { group: "Service", rule },
  expr: "x > 1",
  forMs: 0,
  summary: "",
  description: "",
  problems: [],
  warnings: [],
};
const other: RuleContent = { alert: "Slow", expr: "x > 0", labels: { severity: "warning" } };
const old: RuleContent = { ...rule, expr: "x > 5" };
const namespaces: readonly StoredNamespace[] = [
  {
    name: "dashboards",
    groups: [{ tag: '"t1"', content: { name: "Service", interval: "7s", rules: [other, old] }, yaml: "" }],
    problems: [],
  },
  { name: "a/b", groups: [], problems: [] },
];

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

/** Renders the form for a user with this role. The server of the data source answers with the given responses. */
async function draw(orgRole: string, list: () => Response, change?: () => Response): Promise<readonly Sent[]> {
  const sent: Sent[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
    const path = new URL(url, "http://x").pathname;
    if (path === "/api/frontend/settings") return Response.json({ user: { orgRole } });
    const { method = "GET" } = init;
    sent.push({
      method,
      path,
      headers: new Headers(init.headers),
      body: typeof init.body === "string" ? init.body : "",
    });
    return method === "GET" ? list() : change!();
  });
  await page.draw(<SaveRule made={made} isCurrent source={{ uid: "ma in", name: "Main" }} />);
  return sent;
}

const stored = () => Response.json({ status: "success", data: { namespaces } });
const accepted = () => new Response("{}", { status: 202 });
const shown = (text: string): Promise<void> => page.until(() => expect(document.body.textContent).toContain(text));

test("groupWithRule() replaces the alert of the same name and severity, and keeps the rest of the group", () => {
  const place = { namespace: "dashboards", group: "Service" };
  expect(groupWithRule(namespaces, place, rule)).toEqual({
    content: { name: "Service", interval: "7s", rules: [other, rule] },
    tag: '"t1"',
    isReplaced: true,
  });
  const added = { ...rule, labels: { severity: "info" } };
  expect(groupWithRule(namespaces, place, added)).toMatchObject({
    content: { rules: [other, old, added] },
    isReplaced: false,
  });
  expect(groupWithRule(namespaces, { ...place, namespace: "new" }, rule)).toEqual({
    content: { name: "Service", rules: [rule] },
    tag: null,
    isReplaced: false,
  });
});

test("placeProblem() names the first field that must be changed", () => {
  expect(placeProblem({ namespace: " ", group: "g" })).toBe("Enter a namespace.");
  expect(placeProblem({ namespace: "a", group: "" })).toBe("Enter a name for the group.");
  expect(placeProblem({ namespace: "a/b", group: "g" })).toBeUndefined();
});

test("the rule is added to a group on the condition that nobody has changed the group, and links lead to it", async () => {
  const sent = await draw("Editor", stored, accepted);
  await shown("Replaces the alert of the same name and severity in this group.");
  await page.click(page.find("button", "Save rule"));
  await shown("The rule is saved");
  const { method, path, headers, body } = sent[1]!;
  expect([method, path, headers.get("if-match")]).toEqual([
    "POST",
    "/api/datasources/proxy/uid/ma%20in/config/v1/rules/dashboards",
    '"t1"',
  ]);
  expect(JSON.parse(body)).toEqual({ name: "Service", interval: "7s", rules: [other, rule] });
  const links = page.all<HTMLAnchorElement>("a").map((link) => link.getAttribute("href"));
  expect(links).toEqual(["/sources/ma%20in/alerts?search=Slow", "/sources/ma%20in/edit-rules?search=Slow"]);
});

test("a new group must not exist, and a conflict offers to load the group again", async () => {
  const sent = await draw("Editor", stored, () => new Response("changed", { status: 412 }));
  await shown("Namespace");
  await page.type(page.field("Group"), "Another");
  await shown("Creates this group.");
  await page.click(page.find("button", "Save rule"));
  await shown("Someone else has changed this group");
  expect(sent[1]!.headers.get("if-none-match")).toBe("*");
  await page.click(page.find("button", "Load again"));
  await page.until(() => expect(sent.map(({ method }) => method)).toEqual(["GET", "POST", "GET"]));
  expect(document.body.textContent).not.toContain("Someone else");
});

test("a viewer, a server without stored rules and a server of another program have a sentence instead of the form", async () => {
  await draw("Viewer", stored);
  await shown("Only editors can save a rule");
  expect(page.all("form")).toEqual([]);
});

test.each([
  [503, { status: "error", errorType: "unavailable", error: "off" }, "--rules.api.path=FOLDER"],
  [404, { status: "error", errorType: "not_found", error: "?" }, "has no API that stores rules here"],
  [502, { message: "Failed to call <b>data source</b>" }, "Failed to call <b>data source</b>"],
])("if the server answers with %i, the form says why it is missing", async (status, body, text) => {
  await draw("Editor", () => Response.json(body, { status }));
  await shown(text);
  expect(page.all("form")).toEqual([]);
});

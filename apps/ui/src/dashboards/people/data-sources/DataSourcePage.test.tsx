import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import DataSourcePage from "./DataSourcePage.tsx";
import type { SourceKindForm } from "./data-sources-api.ts";

let page: DrawnPage;
let puts: unknown[];
let uses: object;
let kind: SourceKindForm;

const KIND: SourceKindForm = {
  types: ["lake"],
  name: "Lake",
  language: { valueFormat: "glob" },
  blankQuery: { shore: "" },
  leastStepMs: 1,
  features: [],
  defaults: { mode: "fast" },
  settings: [
    { path: ["url"], label: "URL", type: "text" },
    { path: ["basicAuth"], label: "Sign in", type: "switch" },
    {
      path: ["secureJsonData", "password"],
      label: "Password",
      type: "secret",
      when: { path: ["basicAuth"], values: [true] },
    },
    { path: ["jsonData", "mode"], label: "Mode", type: "choice", choices: ["slow", "fast"] },
    { path: ["jsonData", "httpHeaderName1"], label: "Headers", type: "headers" },
    { path: ["jsonData", "shores"], label: "Shores", type: "list" },
  ],
};
const SETTINGS = {
  uid: "l",
  name: "Lake 1",
  type: "lake",
  url: "http://lake",
  user: "",
  database: "",
  basicAuth: true,
  basicAuthUser: "",
  withCredentials: false,
  isDefault: false,
  jsonData: { own: 1 },
  secureJsonFields: { password: true },
  readOnly: false,
  version: 3,
};

beforeEach(() => {
  page = new DrawnPage();
  puts = [];
  uses = { count: 0, dashboards: [] };
  kind = KIND;
});
afterEach(() => page.close());

async function draw(settings: object, health: () => Response): Promise<void> {
  vi.stubGlobal("fetch", async (url: string, { method = "GET", body }: { method?: string; body?: string } = {}) => {
    const { pathname } = new URL(url, "http://x");
    if (pathname === "/api/frontend/settings")
      return Response.json({ user: { isSignedIn: true, login: "ann", orgRole: "Admin" } });
    if (pathname === "/api/narthex/source-kinds") return Response.json({ kinds: [kind] });
    if (pathname === "/api/datasources/uid/l/health") return health();
    if (pathname === "/api/narthex/sources/l/dashboards") return Response.json(uses);
    if (method === "PUT") {
      puts.push(JSON.parse(body!));
      return Response.json({ datasource: { ...settings, version: SETTINGS.version + puts.length } });
    }
    return Response.json({ ...settings, version: SETTINGS.version + puts.length });
  });
  await page.draw(<DataSourcePage />, "/connections/datasources/edit/l", "/connections/datasources/edit/:uid");
  await page.until(() => expect(document.querySelector("h1")?.textContent).toBe("Data source Lake 1"));
  await page.until(() => page.field("URL"));
}

const isOk = () => Response.json({ status: "OK", message: "The lake answers." });

test("changed settings and new secrets are saved, and the server tests the source", async () => {
  await draw(SETTINGS, isOk);
  expect(page.field("Password").placeholder).toContain("Stored");
  await page.type(page.field("URL"), "http://lake/below");
  await page.type(page.field("Password"), "hush");
  await page.click(page.find("button", "Add header"));
  await page.type(page.field("Name of header 1"), "X-Scope-OrgID");
  await page.type(page.field("Value of header 1"), "tenant");
  await page.click(page.find("button", "Save and test"));
  await page.until(() => expect(document.body.textContent).toContain("The lake answers."));
  expect(page.find("a", "Explore").getAttribute("href")).toMatch(/^\/explore\?.*%22datasource%22%3A%22l%22/);
  expect(puts).toEqual([
    expect.objectContaining({
      url: "http://lake/below",
      jsonData: { own: 1, httpHeaderName1: "X-Scope-OrgID" },
      secureJsonData: { password: "hush", httpHeaderValue1: "tenant" },
      version: 3,
    }),
  ]);
});

test("a source without queries has no link to Explore", async () => {
  kind = { ...KIND, blankQuery: {} };
  await draw(SETTINGS, isOk);
  await page.click(page.find("button", "Save and test"));
  await page.until(() => expect(document.body.textContent).toContain("The lake answers."));
  expect(page.all("a").map(({ textContent }) => textContent)).not.toContain("Explore");
});

test("a stored secret is kept unless it is removed", async () => {
  await draw(SETTINGS, isOk);
  await page.click(page.find("button", "Save and test"));
  await page.until(() => expect(puts).toHaveLength(1));
  expect(puts[0]).toMatchObject({ secureJsonData: {} });
  await page.click(page.all("button").find((one) => one.getAttribute("aria-label")?.startsWith("Remove the stored"))!);
  await page.click(page.find("button", "Save and test"));
  await page.until(() => expect(puts).toHaveLength(2));
  expect(puts[1]).toMatchObject({ secureJsonData: { password: "" }, version: SETTINGS.version + 1 });
});

test("a list has one entry on each line", async () => {
  await draw({ ...SETTINGS, jsonData: { shores: ["north", "south"] } }, isOk);
  const area = page.all<HTMLTextAreaElement>("textarea").find(({ value }) => value === "north\nsouth")!;
  await page.type(area, "east\nwest");
  await page.click(page.find("button", "Save and test"));
  await page.until(() => expect(puts).toHaveLength(1));
  expect(puts[0]).toMatchObject({ jsonData: { shores: ["east", "west"] } });
});

test("the reason of a failed test is shown, and the input for a password only if the source signs in", async () => {
  await draw({ ...SETTINGS, basicAuth: false }, () =>
    Response.json({ status: "ERROR", message: "The lake is dry." }, { status: 400 }),
  );
  expect(page.all("input[type=password]")).toEqual([]);
  await page.click(page.find("button", "Save and test"));
  await page.until(() => expect(document.body.textContent).toContain("The lake is dry."));
});

test("a provisioned source is only tested", async () => {
  await draw({ ...SETTINGS, readOnly: true }, isOk);
  expect(page.field("URL").disabled).toBe(true);
  expect(document.body.textContent).toContain("A provisioning file defines this data source");
  expect(page.all("button").map(({ textContent }) => textContent)).not.toContain("Delete data source");
  await page.click(page.find("button", "Test"));
  await page.until(() => expect(document.body.textContent).toContain("The lake answers."));
  expect(puts).toEqual([]);
});

test("before it is deleted, the dashboards that use it are listed", async () => {
  uses = { count: 3, dashboards: [{ uid: "a", title: "Shore", url: "/d/a/shore" }] };
  await draw({ ...SETTINGS, isDefault: true }, isOk);
  await page.until(() => expect(page.find("a", "Shore").getAttribute("href")).toBe("/d/a/shore"));
  const text = document.body.textContent;
  expect(text).toContain("Panels of these 3 dashboards show an error afterwards");
  expect(text).toContain("… and 2 more");
  expect(text).toContain("panels that name no data source use it too");
});

test("a source without uses says so", async () => {
  await draw(SETTINGS, isOk);
  await page.until(() =>
    expect(document.body.textContent).toContain("No dashboard that you can see names this data source."),
  );
});

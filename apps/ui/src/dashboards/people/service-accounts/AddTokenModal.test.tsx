import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { AddTokenModal } from "./AddTokenModal.tsx";

let page: DrawnPage;
const bodies: unknown[] = [];
const onClose = vi.fn();
const account = {
  id: 7,
  name: "T",
  login: "sa-1-t",
  role: "Viewer",
  isDisabled: false,
  teams: [],
} as const;

beforeEach(async () => {
  bodies.length = 0;
  onClose.mockClear();
  page = new DrawnPage();
  vi.stubGlobal("fetch", async (_url: string, { body }: { body: string }) => {
    bodies.push(JSON.parse(body));
    return Response.json({ key: "glsa_secret" });
  });
  await page.draw(<AddTokenModal account={account} onClose={onClose} />);
});
afterEach(() => page.close());

test("a token needs a name, and its key stays visible until the user has copied it", async () => {
  expect(page.find<HTMLButtonElement>("button", "Create token").disabled).toBe(true);
  await page.type(page.field("Name"), " ci ");
  await page.type(page.field("Expires"), "7");
  await page.click(page.find("button", "Create token"));
  expect(bodies).toEqual([{ name: "ci", secondsToLive: 604_800 }]);
  expect(page.field("Key").value).toBe("glsa_secret");
  await page.press("Escape");
  expect(onClose).not.toHaveBeenCalled();
  await page.click(page.find("button", "I have copied the key"));
  expect(onClose).toHaveBeenCalledOnce();
});

test("a token can be limited to rights of its account and to series", async () => {
  await page.type(page.field("Name"), "ci");
  await page.click(page.field("Limit the rights of the account"));
  const create = () => page.find<HTMLButtonElement>("button", "Create token");
  for (const label of ["Read", "Query"]) await page.click(page.field(label));
  expect(create().disabled).toBe(true);
  await page.click(page.field("Push metrics and alerts"));
  await page.type(page.field("Only series that match"), ' {team="a"} ');
  await page.click(create());
  expect(bodies).toEqual([{ name: "ci", secondsToLive: 7_776_000, scopes: ["push"], matchers: '{team="a"}' }]);
});

test("another lifetime is given in days within the limits of the server", async () => {
  await page.type(page.field("Name"), "ci");
  await page.type(page.field("Expires"), "other");
  const create = () => page.find<HTMLButtonElement>("button", "Create token");
  await page.type(page.field("Days"), "0");
  expect(create().disabled).toBe(true);
  await page.type(page.field("Days"), "36501");
  expect(create().disabled).toBe(true);
  await page.type(page.field("Days"), "2");
  await page.click(create());
  expect(bodies).toEqual([{ name: "ci", secondsToLive: 172_800 }]);
});

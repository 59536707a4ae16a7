import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { UserSecondStep } from "./UserSecondStep.tsx";

let page: DrawnPage;
let state: { passkeys: number; twoStep: boolean };
const sent: string[] = [];
const user = {
  id: 7,
  login: "eve",
  name: "",
  email: "",
  isGrafanaAdmin: false,
  isDisabled: false,
  role: "Viewer",
  teams: [],
  sessions: [],
} as const;

beforeEach(() => {
  page = new DrawnPage();
  sent.length = 0;
  vi.stubGlobal("fetch", async (path: string, { method = "GET" }: { method?: string }) => {
    if (method !== "GET") {
      sent.push(`${method} ${path}`);
      state = { passkeys: 0, twoStep: false };
    }
    return Response.json(state);
  });
});
afterEach(() => page.close());

async function draw(): Promise<void> {
  await page.draw(<UserSecondStep user={user} />);
  await page.settle();
}

test.each([
  [{ passkeys: 0, twoStep: false }, "No passkeys. Two-step codes are off."],
  [{ passkeys: 1, twoStep: false }, "1 passkey. Two-step codes are off."],
  [{ passkeys: 2, twoStep: true }, "2 passkeys. Two-step codes are on."],
])("the page shows the state %j, and the button if there is something to remove", async (given, sentence) => {
  state = given;
  await draw();
  expect(document.body.textContent).toContain(sentence);
  expect(page.all("button")).toHaveLength(given.passkeys > 0 ? 1 : 0);
});

test("an admin removes the second step after a confirmation", async () => {
  state = { passkeys: 0, twoStep: true };
  await draw();
  await page.click(page.find("button", "Remove second step"));
  expect(sent).toEqual([]);
  expect(document.body.textContent).toContain("All sessions of the user end.");
  await page.click(page.find("button", "Remove"));
  await page.until(() => expect(document.body.textContent).toContain("Two-step codes are off."));
  expect(sent).toEqual(["DELETE /api/admin/users/7/second-step"]);
});

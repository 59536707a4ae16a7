import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { localPath } from "../data/dashboard-api.ts";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import LoginPage from "./LoginPage.tsx";

let page: DrawnPage;
const onSignedIn = vi.fn<(path: string) => void>();
beforeEach(() => {
  onSignedIn.mockClear();
  page = new DrawnPage();
});
afterEach(() => page.close());

async function signIn(answer: () => Promise<Response>): Promise<void> {
  vi.stubGlobal("fetch", answer);
  await page.draw(<LoginPage onSignedIn={onSignedIn} />);
  await page.type(page.field("Email or user name"), "admin");
  await page.type(page.field("Password"), "secret");
  await page.click(page.find("button", "Sign in"));
}

test("after signing in, the page goes to the address in the server's response", async () => {
  await signIn(async () => Response.json({ message: "Logged in", redirectUrl: "/d/x?from=now-1h" }));
  expect(onSignedIn.mock.lastCall?.[0]).toBe("/d/x?from=now-1h");
});

test("after a sign-in with the generated password, the page asks for an own one, and goes on in any case", async () => {
  const changes: unknown[] = [];
  let status = 400;
  const answer = async (url?: string, { method, body }: RequestInit = {}): Promise<Response> => {
    if (method !== "PUT") return Response.json({ redirectUrl: "/d/x", narthexGeneratedPassword: true });
    changes.push([url, JSON.parse(body as string)]);
    return Response.json({ message: "New password is too short" }, { status });
  };
  await signIn(answer);
  await page.until(() => page.field("New password"));
  expect(onSignedIn).not.toHaveBeenCalled();
  await page.type(page.field("New password"), "my own");
  await page.type(page.field("Repeat the password"), "my own");
  await page.click(page.find("button", "Change the password"));
  await page.until(() => expect(page.all("[role=alert]")[0]?.textContent).toBe("New password is too short"));
  status = 200;
  await page.click(page.find("button", "Change the password"));
  await page.until(() => expect(onSignedIn).toHaveBeenCalledWith("/d/x"));
  const change = ["/api/user/password", { oldPassword: "secret", newPassword: "my own" }];
  expect(changes).toEqual([change, change]);
});

test("the change of the generated password can be put off", async () => {
  await signIn(async () => Response.json({ redirectUrl: "/d/x", narthexGeneratedPassword: true }));
  await page.until(() => page.find("button", "Not now"));
  await page.click(page.find("button", "Not now"));
  expect(onSignedIn.mock.calls).toEqual([["/d/x"]]);
});

test("after a refused sign-in, the page shows the reason and clears the password", async () => {
  await signIn(async () => Response.json({ message: "Invalid username or password" }, { status: 401 }));
  expect(page.all("[role=alert]")[0]?.textContent).toBe("Invalid username or password");
  expect(page.field("Password").value).toBe("");
  expect(onSignedIn).not.toHaveBeenCalled();
});

test("the error message names the server if it does not respond", async () => {
  await signIn(async () => {
    throw new TypeError("failed to fetch");
  });
  expect(page.all("[role=alert]")[0]?.textContent).toMatch(/^The server at .* did not respond\.$/);
});

test("localPath() never returns an address of another server", () => {
  for (const text of [
    "//evil.example",
    "https://evil.example/",
    "/\\evil.example",
    "javascript:alert(1)",
    undefined,
    3,
  ])
    expect(localPath(text)).toBe("/");
  expect(localPath("/a?b#c")).toBe("/a?b#c");
});

test("the page says where the first password is; a browser on the same machine also learns the path", async () => {
  const settings = async (more: object): Promise<string> => {
    await page.close();
    page = new DrawnPage();
    vi.stubGlobal("fetch", async () => Response.json(more));
    await page.draw(<LoginPage onSignedIn={() => undefined} />, "/login");
    await page.settle();
    return document.body.textContent ?? "";
  };
  const stranger = await settings({});
  expect(stranger).toContain("grafana cli admin reset-admin-password");
  expect(stranger).not.toContain("The password of the first user is in the file");
  const local = await settings({ narthexFirstPassword: "/data/initial-admin-password" });
  expect(local).toContain("The password of the first user is in the file /data/initial-admin-password");
});

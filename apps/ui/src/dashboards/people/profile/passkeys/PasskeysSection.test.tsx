import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../../testing/drawn-page.tsx";
import { PasskeysSection } from "./PasskeysSection.tsx";

const { startRegistration } = vi.hoisted(() => ({ startRegistration: vi.fn() }));
vi.mock("@simplewebauthn/browser", () => ({ startRegistration }));

let page: DrawnPage;
let passkeys: object[];
/** Error response of the fake server to the next change; undefined to accept it. */
let refusal: object | undefined;
const sent: string[] = [];

const phone = { id: "p_1-", name: "Phone", createdAt: "2026-01-01T00:00:00Z", lastUsedAt: "2026-01-02T00:00:00Z" };
const laptop = { id: "l1", name: "Laptop", createdAt: "2026-01-01T00:00:00Z", lastUsedAt: null };

beforeEach(() => {
  page = new DrawnPage();
  sent.length = 0;
  refusal = undefined;
  passkeys = [phone, laptop];
  startRegistration.mockReset();
});
afterEach(() => page.close());

async function draw(
  settings: object = { narthexPasskeys: { rpId: location.hostname }, appUrl: location.origin },
  { isSecureContext = true } = {},
): Promise<void> {
  vi.stubGlobal("isSecureContext", isSecureContext);
  vi.stubGlobal("PublicKeyCredential", {});
  vi.stubGlobal("fetch", async (path: string, { method = "GET", body = "" }: { method?: string; body?: string }) => {
    if (path === "/api/frontend/settings") return Response.json(settings);
    if (path === "/api/user/auth-tokens") return Response.json([{ isActive: true, browser: "Chrome", os: "Linux" }]);
    if (method === "GET") return Response.json(passkeys);
    sent.push(`${method} ${path} ${body}`);
    if (refusal !== undefined) return Response.json(refusal, { status: 403 });
    return Response.json(path.endsWith("/options") ? { challenge: "c1" } : {});
  });
  await page.draw(<PasskeysSection />);
  await page.settle();
}

const rows = () => page.all("tbody tr").map(({ textContent }) => textContent);
const statuses = () => page.all("[role=status]").map(({ textContent }) => textContent);

async function add(name?: string): Promise<void> {
  await page.click(page.find("button", "Add a passkey"));
  if (name !== undefined) await page.type(page.field("Name"), name);
  await page.click(page.find("button", "Add the passkey"));
}

test("without passkeys on the server, there is no section", async () => {
  await draw({ appUrl: location.origin });
  expect(page.all("section")).toEqual([]);
});

test.each([
  ["https://another.example/", {}, "Passkeys work only at https://another.example/, the address of the server"],
  [location.origin, { isSecureContext: false }, "To add a passkey, open this page over HTTPS"],
])("if the browser cannot use passkeys, the page of a server at %s has the reason", async (appUrl, lack, reason) => {
  await draw({ narthexPasskeys: { rpId: "x" }, appUrl }, lack);
  expect(rows()).toHaveLength(2);
  expect(page.all("button").map(({ textContent }) => textContent)).not.toContain("Add a passkey");
  expect(document.body.textContent).toContain(reason);
});

test("a passkey is deleted after a confirmation", async () => {
  await draw();
  expect(rows()[0]).toMatch(/^Laptop.*Never$/);
  await page.click(page.find("button", "Delete the passkey Phone"));
  expect(sent).toEqual([]);
  passkeys = [laptop];
  await page.click(page.find("button", "Delete"));
  await page.until(() => expect(rows()).toHaveLength(1));
  expect(sent).toEqual(["DELETE /api/user/passkeys/p_1- "]);
});

test("a new passkey gets the name of the browser unless the user changes it", async () => {
  startRegistration.mockResolvedValue({ id: "k1" });
  passkeys = [];
  await draw();
  expect(document.body.textContent).toContain("No passkeys yet.");
  await page.click(page.find("button", "Add a passkey"));
  expect(page.field("Name").value).toBe("Chrome on Linux");
  await page.type(page.field("Name"), " Key ");
  passkeys = [laptop];
  await page.click(page.find("button", "Add the passkey"));
  await page.until(() => expect(rows()).toHaveLength(1));
  expect(startRegistration.mock.lastCall).toEqual([{ optionsJSON: { challenge: "c1" } }]);
  expect(sent).toEqual([
    "POST /api/user/passkeys/options {}",
    'POST /api/user/passkeys {"name":"Key","response":{"id":"k1"}}',
  ]);
  await page.until(() => expect(page.all("[role=dialog]")).toEqual([]));
});

test.each([
  ["NotAllowedError", undefined, "No passkey was created. Try again."],
  [
    "InvalidStateError",
    "ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED",
    "This device already has a passkey of your account.",
  ],
])("after the browser's error %s, the dialog stays open with a sentence", async (name, code, sentence) => {
  startRegistration.mockRejectedValue(Object.assign(new Error("of the browser"), { name, code }));
  await draw();
  await add();
  await page.until(() => expect(document.body.textContent).toContain(sentence));
  expect(statuses().includes(sentence)).toBe(name === "NotAllowedError");
  expect(page.all("[role=dialog]")).toHaveLength(1);
});

test("if the sign-in is not recent, the dialog has a link to sign out and in again", async () => {
  refusal = { messageId: "sign-in.not-recent", message: "Sign out and in again first" };
  await draw();
  await add();
  await page.until(() => page.find("button", "Sign out and in again"));
  expect(startRegistration).not.toHaveBeenCalled();
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import LoginPage from "../list/LoginPage.tsx";

const { startAuthentication, loaded } = vi.hoisted(() => ({ startAuthentication: vi.fn(), loaded: vi.fn() }));
vi.mock("@simplewebauthn/browser", () => {
  loaded();
  return { startAuthentication };
});

let page: DrawnPage;
const sent: [path: string, body: unknown][] = [];
let refusal: Response | undefined;
const onSignedIn = vi.fn<(path: string) => void>();

beforeEach(() => {
  page = new DrawnPage();
  sent.length = 0;
  refusal = undefined;
  onSignedIn.mockClear();
  startAuthentication.mockReset();
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("PublicKeyCredential", {});
});
afterEach(() => page.close());

async function draw(settings: object): Promise<void> {
  vi.stubGlobal("fetch", async (path: string, { body }: RequestInit) => {
    if (typeof body !== "string") return Response.json(settings);
    sent.push([path, JSON.parse(body)]);
    if (path === "/login/passkey/options") return Response.json({ challenge: "c1" });
    return refusal ?? Response.json({ message: "Logged in", redirectUrl: "/d/x" });
  });
  await page.draw(<LoginPage onSignedIn={onSignedIn} />);
}

const NAME = "Sign in with a passkey";
const narthexPasskeys = { rpId: "x" };
const own = { narthexPasskeys, appUrl: location.origin };
const buttons = () => page.all("button").map(({ textContent }) => textContent);

test("the button is shown only if the server accepts passkeys, at its own address", async () => {
  for (const [settings, isShown] of [
    [{ appUrl: location.origin }, false],
    [{ narthexPasskeys, appUrl: "https://another.example/" }, false],
    [own, true],
  ] as const) {
    await page.close();
    page = new DrawnPage();
    vi.stubGlobal("isSecureContext", true);
    vi.stubGlobal("PublicKeyCredential", {});
    await draw(settings);
    expect(buttons().includes(NAME)).toBe(isShown);
  }
});

test("a chosen passkey signs in, and the library is loaded only with the click", async () => {
  startAuthentication.mockResolvedValue({ id: "k1" });
  await draw(own);
  expect(loaded).not.toHaveBeenCalled();
  await page.click(page.find("button", NAME));
  await page.until(() => expect(onSignedIn.mock.lastCall?.[0]).toBe("/d/x"));
  expect(startAuthentication.mock.lastCall).toEqual([{ optionsJSON: { challenge: "c1" } }]);
  expect(sent).toEqual([
    ["/login/passkey/options", {}],
    ["/login/passkey", { id: "k1" }],
  ]);
  expect(loaded).toHaveBeenCalled();
});

test("a closed dialog of the browser is no error", async () => {
  startAuthentication.mockRejectedValue(new DOMException("not allowed", "NotAllowedError"));
  await draw(own);
  await page.click(page.find("button", NAME));
  await page.until(() => expect(page.all("[role=status]")).toHaveLength(1));
  expect(page.find("[role=status]", /./).textContent).toBe(
    "No passkey was used. Try again, or sign in in another way.",
  );
  expect(page.all("[role=alert]")).toEqual([]);
  expect(page.find<HTMLButtonElement>("button", NAME).disabled).toBe(false);
});

test.each([
  ["the browser", "The browser could not use a passkey: broken"],
  ["the server", "The passkey was not accepted"],
])("a failure of %s is shown", async (part, sentence) => {
  if (part === "the browser") startAuthentication.mockRejectedValue(new Error("broken"));
  else startAuthentication.mockResolvedValue({ id: "k1" });
  refusal = Response.json({ message: "The passkey was not accepted", messageId: "passkey.refused" }, { status: 401 });
  await draw(own);
  await page.click(page.find("button", NAME));
  await page.until(() => expect(page.all("[role=alert]").map(({ textContent }) => textContent)).toEqual([sentence]));
  expect(onSignedIn).not.toHaveBeenCalled();
});

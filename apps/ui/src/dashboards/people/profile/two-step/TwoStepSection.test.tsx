import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../../testing/drawn-page.tsx";
import { TwoStepSection } from "./TwoStepSection.tsx";

const { download } = vi.hoisted(() => ({ download: vi.fn<(name: string, content: Blob) => void>() }));
vi.mock("../../../../shell/download.ts", () => ({ download }));

let page: DrawnPage;
let state: { enabled: boolean; recoveryCodesLeft: number };
/** Responses of the fake server to changes, by the last segment of the request's path. */
let answers: Readonly<Record<string, () => Response>>;
const sent: string[] = [];
const CODES = ["aaaa-1111", "bbbb-2222"];

beforeEach(() => {
  // The text area listens for font loading, so the test environment needs `document.fonts`.
  Object.defineProperty(document, "fonts", { value: new EventTarget(), configurable: true });
  page = new DrawnPage();
  sent.length = 0;
  state = { enabled: false, recoveryCodesLeft: 0 };
  answers = {};
  vi.stubGlobal("fetch", async (path: string, { method = "GET", body = "" }: { method?: string; body?: string }) => {
    if (method === "GET") return Response.json(state);
    sent.push(`${path} ${body}`);
    return answers[path.slice("/api/user/".length)]?.() ?? Response.json({});
  });
});
afterEach(async () => {
  await page.close();
  Reflect.deleteProperty(document, "fonts");
});

const draw = async (): Promise<void> => {
  await page.draw(<TwoStepSection />);
  await page.settle();
};
const refused = (status: number, message: string, messageId?: string) => () =>
  Response.json({ message, messageId }, { status });
const dialogs = () => page.all("[role=dialog]");
const LABEL = "Code from your authenticator app, or a recovery code";

test("a code from the app turns the codes on, and the recovery codes stay until the user has stored them", async () => {
  const secret = { secret: "JBSWY3DP", url: "otpauth://totp/Narthex:eve?secret=JBSWY3DP&issuer=Narthex" };
  answers = {
    "two-step": () => Response.json(secret),
    "two-step/confirm": refused(400, "The code is wrong, or was used already", "two-step.wrong-code"),
  };
  await draw();
  await page.click(page.find("button", "Turn on two-step codes"));
  await page.until(() => page.find("svg", "QR code for the authenticator app"));
  expect(page.field("Secret").value).toBe("JBSWY3DP");
  expect(page.find("a", "open the app").getAttribute("href")).toBe(secret.url);
  expect(page.find<HTMLButtonElement>("button", "Turn on").disabled).toBe(true);
  await page.type(page.field("Code from the app"), " 123456");
  await page.click(page.find("button", "Turn on"));
  expect(document.body.textContent).toContain("The code is wrong, or was used already");

  answers = { "two-step/confirm": () => Response.json({ recoveryCodes: CODES }) };
  state = { enabled: true, recoveryCodesLeft: 10 };
  await page.click(page.find("button", "Turn on"));
  await page.until(() => page.find("ul", "Recovery codes"));
  expect(page.all("li").map(({ textContent }) => textContent)).toEqual(CODES);
  expect(document.body.textContent).not.toContain("JBSWY3DP");
  await page.press("Escape");
  expect(dialogs()).toHaveLength(1);
  await page.click(page.find("button", "I have stored the codes"));
  await page.until(() => expect(dialogs()).toEqual([]));
  expect(document.body.textContent).not.toContain(CODES[0]);
  expect(document.body.textContent).toContain("10 recovery codes are left.");
  expect(sent).toEqual([
    "/api/user/two-step {}",
    '/api/user/two-step/confirm {"code":"123456"}',
    '/api/user/two-step/confirm {"code":"123456"}',
  ]);
});

test("the codes stay off if the sign-in is not recent, with a link to sign out and in again", async () => {
  answers = { "two-step": refused(403, "Sign out and in again first", "sign-in.not-recent") };
  await draw();
  await page.click(page.find("button", "Turn on two-step codes"));
  await page.until(() => page.find("button", "Sign out and in again"));
  expect(dialogs()).toEqual([]);
});

test("the recovery codes can be copied and downloaded", async () => {
  const writeText = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
  state = { enabled: true, recoveryCodesLeft: 1 };
  answers = { "two-step/recovery-codes": () => Response.json({ recoveryCodes: CODES }) };
  await draw();
  expect(document.body.textContent).toContain("1 recovery code is left. Create new ones");
  await page.click(page.find("button", "New recovery codes"));
  await page.type(page.field(LABEL), "123456");
  await page.click(page.find("button", "Create codes"));
  await page.until(() => page.find("ul", "Recovery codes"));
  expect(sent).toEqual(['/api/user/two-step/recovery-codes {"code":"123456"}']);
  await page.click(page.find("button", "Copy"));
  await page.click(page.find("button", "Download"));
  const text = "aaaa-1111\nbbbb-2222\n";
  expect(writeText.mock.calls).toEqual([[text]]);
  const [name, content] = download.mock.lastCall ?? [];
  expect([name, await content?.text()]).toEqual([`recovery-codes-${location.hostname}.txt`, text]);
  writeText.mockRestore();
});

test("a code turns the codes off, and a wrong one shows the reason in the dialog", async () => {
  state = { enabled: true, recoveryCodesLeft: 0 };
  answers = { "two-step/disable": refused(400, "The code is wrong, or was used already") };
  await draw();
  expect(document.body.textContent).toContain("No recovery code is left. Create new ones");
  await page.click(page.find("button", "Turn off"));
  await page.type(page.field(LABEL), "aaaa-1111");
  const submit = () => page.click(page.find("[role=dialog] [type=submit]", "Turn off"));
  await submit();
  expect(document.body.textContent).toContain("The code is wrong, or was used already");
  answers = {};
  state = { enabled: false, recoveryCodesLeft: 0 };
  await submit();
  await page.until(() => page.find("button", "Turn on two-step codes"));
  expect([dialogs(), sent.at(-1)]).toEqual([[], '/api/user/two-step/disable {"code":"aaaa-1111"}']);
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import LoginPage from "../list/LoginPage.tsx";

let page: DrawnPage;
let answer: () => Response;
const sent: unknown[] = [];
const onSignedIn = vi.fn<(path: string) => void>();

const refuse = (messageId: string, message: string, status = 401) => {
  answer = () => Response.json({ message, messageId }, { status });
};

beforeEach(async () => {
  sent.length = 0;
  onSignedIn.mockClear();
  vi.stubGlobal("fetch", async (_path: string, { body }: RequestInit) => {
    if (typeof body !== "string") return Response.json({});
    sent.push(JSON.parse(body));
    return answer();
  });
  page = new DrawnPage();
  refuse("two-step.required", "Enter the code of your authenticator app");
  await page.draw(<LoginPage onSignedIn={onSignedIn} />);
  await page.type(page.field("Email or user name"), "eve");
  await page.type(page.field("Password"), "secret");
  await page.click(page.find("button", "Sign in"));
});
afterEach(() => page.close());

const LABEL = "Code from your authenticator app, or a recovery code";
const alerts = () => page.all("[role=alert]").map(({ textContent }) => textContent);

async function enter(code: string): Promise<void> {
  await page.type(page.field(LABEL), code);
  await page.click(page.find("button", "Sign in"));
}

test("after a correct password, the page asks for a code, which has the focus, and shows no error", async () => {
  expect(document.activeElement).toBe(page.field(LABEL));
  expect(page.field(LABEL).autocomplete).toBe("one-time-code");
  expect([alerts(), page.find("h1", /./).textContent]).toEqual([[], "Enter your code"]);
  answer = () => Response.json({ message: "Logged in", redirectUrl: "/d/x" });
  await enter(" 123456 ");
  expect(sent).toEqual([
    { user: "eve", password: "secret" },
    { user: "eve", password: "secret", code: "123456" },
  ]);
  expect(onSignedIn.mock.lastCall?.[0]).toBe("/d/x");
});

test("after a wrong code, the page shows the reason and asks for another code without the password", async () => {
  refuse("two-step.wrong-code", "The code is wrong, or was used already");
  await enter("000000");
  expect(alerts()).toEqual(["The code is wrong, or was used already"]);
  expect(document.activeElement).toBe(page.field(LABEL));
  await enter("000001");
  expect(sent.at(-1)).toEqual({ user: "eve", password: "secret", code: "000001" });
});

test("a code stays on the page if the server does not decide about it", async () => {
  refuse("", "The store does not respond", 503);
  await enter("123456");
  expect([alerts(), page.field(LABEL).value]).toEqual([["The store does not respond"], "123456"]);
});

test("the first step returns with the button, and with an empty password if the server refuses it", async () => {
  refuse("two-step.wrong-code", "The code is wrong, or was used already");
  await enter("000000");
  await page.click(page.find("button", "Back"));
  expect([page.field("Password").value, alerts()]).toEqual(["secret", []]);
  expect(document.activeElement).toBe(page.field("Password"));
  await page.click(page.find("button", "Sign in"));
  refuse("password-auth.failed", "Too many failed logins; try again in 5 minutes");
  await enter("000000");
  expect([page.field("Password").value, alerts()]).toEqual(["", ["Too many failed logins; try again in 5 minutes"]]);
});

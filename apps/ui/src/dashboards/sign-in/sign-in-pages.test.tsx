import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import AccountButton from "../account/AccountButton.tsx";
import LoginPage from "../list/LoginPage.tsx";
import InvitationPage from "./InvitationPage.tsx";
import LostPasswordPage from "./LostPasswordPage.tsx";
import NewPasswordPage from "./NewPasswordPage.tsx";

let page: DrawnPage;
/** Paths and bodies of the requests that have a body. */
let sent: [path: string, body: unknown][];
let answers: Readonly<Record<string, () => Response>>;

beforeEach(() => {
  page = new DrawnPage();
  sent = [];
  vi.stubGlobal("fetch", async (url: string, init?: RequestInit) => {
    const path = url.split("?")[0]!;
    if (typeof init?.body === "string") sent.push([path, JSON.parse(init.body)]);
    return answers[path]?.() ?? Response.json({ message: "Not found" }, { status: 404 });
  });
});
afterEach(() => page.close());

const settings = (narthexMailEnabled: boolean) => () => Response.json({ narthexMailEnabled });
const shown = (): string => document.body.textContent ?? "";

test("the sign-in page links to the page for lost passwords only if the server sends mails", async () => {
  for (const isEnabled of [false, true]) {
    await page.close();
    page = new DrawnPage();
    answers = { "/api/frontend/settings": settings(isEnabled) };
    vi.stubGlobal("fetch", async (url: string) => answers[url]?.() ?? Response.json({}));
    await page.draw(<LoginPage />);
    expect(shown().includes("Forgot your password?")).toBe(isEnabled);
  }
});

test("the sign-in page and the account button request the settings once", async () => {
  const fetched: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    fetched.push(url);
    return Response.json({ narthexMailEnabled: true });
  });
  await page.draw(
    <>
      <AccountButton />
      <LoginPage />
    </>,
    "/login",
  );
  expect(fetched).toEqual(["/api/frontend/settings"]);
});

test("a request for a mail says the same for every name", async () => {
  answers = { "/api/user/password/send-reset-email": () => Response.json({ message: "Email sent" }) };
  await page.draw(<LostPasswordPage />);
  await page.type(page.field("Email or user name"), " vera ");
  await page.click(page.find("button", "Send the mail"));
  expect(sent).toEqual([["/api/user/password/send-reset-email", { userOrEmail: "vera" }]]);
  expect(shown()).toContain("If a user has this name or address, a mail with a link for a new password is on its way.");
});

test("a new password is entered twice, and an invalid link shows the server's reason", async () => {
  const path = "/api/user/password/reset";
  answers = { [path]: () => Response.json({ message: "Invalid or expired reset password code" }, { status: 400 }) };
  await page.draw(<NewPasswordPage />, "/user/password/reset?code=abc");
  const enter = async (repeated: string): Promise<void> => {
    await page.type(page.field("New password"), "new secret");
    await page.type(page.field("Repeat the password"), repeated);
    await page.click(page.find("button", "Change the password"));
  };
  await enter("other");
  expect([sent.length, shown().includes("The passwords differ")]).toEqual([0, true]);
  await enter("new secret");
  expect(sent).toEqual([[path, { code: "abc", newPassword: "new secret", confirmPassword: "new secret" }]]);
  expect(shown()).toContain("Invalid or expired reset password code");
  answers = { [path]: () => Response.json({ message: "User password changed" }) };
  await enter("new secret");
  expect(shown()).toContain("All earlier sessions have ended.");
});

test("an invited person chooses names and a password", async () => {
  const invitation = { email: "ann@x.org", name: "", username: "ann@x.org", invitedBy: "Root" };
  answers = {
    "/api/user/invite/c1": () => Response.json(invitation),
    "/api/user/invite/complete": () => Response.json({ message: "User created and logged in", id: 2 }),
  };
  const onAccepted = vi.fn<() => void>();
  await page.draw(<InvitationPage onAccepted={onAccepted} />, "/invite/c1", "/invite/:code");
  expect(shown()).toContain("Root has invited you.");
  await page.type(page.field("User name"), "ann");
  await page.type(page.field("Password"), "ann's secret");
  await page.type(page.field("Repeat the password"), "ann's secret");
  await page.click(page.find("button", "Accept the invitation"));
  expect(sent).toEqual([
    [
      "/api/user/invite/complete",
      { inviteCode: "c1", name: "", email: "ann@x.org", username: "ann", password: "ann's secret" },
    ],
  ]);
  expect(onAccepted).toHaveBeenCalledOnce();
});

test("the page of an accepted or expired invitation says so", async () => {
  answers = {};
  await page.draw(<InvitationPage />, "/invite/c1", "/invite/:code");
  expect(shown()).toContain("It was accepted already, was revoked, or has expired.");
});

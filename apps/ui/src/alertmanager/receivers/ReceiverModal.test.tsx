import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import ReceiversPage from "./ReceiversPage.tsx";

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly tag: string | undefined;
  readonly isNew: boolean;
  readonly body: unknown;
}

const silent = { name: "on call", isDefault: true, isUsed: true };
const spare = { name: "spare", isDefault: false, isUsed: false };
const open = { isOn: true, file: "/etc/am.yml", tag: "t1", receivers: [silent, spare], inherited: {} };
const sentMail = { results: [{ integration: { name: "email", index: 0 }, outcome: "sent" }] };

let page: DrawnPage;
let setup: object;
/** Answers to changes, in order; afterwards each change succeeds. */
let answers: Response[];
let sent: Sent[];

beforeEach(() => {
  page = new DrawnPage();
  // Fields that grow with their text wait for fonts, which the simulated page does not have.
  Object.defineProperty(document, "fonts", { value: new EventTarget(), configurable: true });
  setup = open;
  answers = [];
  sent = [];
  vi.stubGlobal("fetch", async (url: string, { method = "GET", headers, body }: RequestInit) => {
    if (url.includes("/api/v2/receivers"))
      return Response.json([{ name: "on call", integrations: [] }, { name: "spare" }]);
    if (method === "GET") return Response.json(setup);
    const { "if-match": tag, "if-none-match": none } = (headers ?? {}) as Partial<Record<string, string>>;
    sent.push({
      method,
      url,
      tag,
      isNew: none === "*",
      body: body === undefined ? undefined : JSON.parse(body as string),
    });
    return answers.shift() ?? Response.json(url.endsWith("/test") ? sentMail : { ...open, tag: "t2" });
  });
});
afterEach(async () => {
  await page.close();
  Reflect.deleteProperty(document, "fonts");
});

const text = (): string => document.body.textContent ?? "";
const button = (name: string): HTMLButtonElement => page.find<HTMLButtonElement>("button", name);

async function opened(name: string): Promise<void> {
  await page.draw(<ReceiversPage />);
  await page.until(() => expect(button(name).disabled).toBe(false));
  await page.click(button(name));
  await page.until(() => page.find("form", "Receiver"));
}

async function fillIn(texts: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, value] of Object.entries(texts)) await page.type(page.field(label), value);
}

const mail = { "To *": "ann@example.org", "Mail server *": "mail:587", "From *": "am@example.org", Password: "hidden" };

test("a silent receiver is set up: test, result, save", async () => {
  await opened("Set up on call");
  expect(text()).toContain("Still empty: To, Mail server, From");
  expect(button("Save").disabled).toBe(true);
  await fillIn(mail);
  await page.click(button("Send a test"));
  await page.until(() => expect(text()).toContain("email[0]: sent"));
  answers = [Response.json("the file has changed", { status: 412 })];
  await page.click(button("Save"));
  await page.until(() => expect(text()).toContain("Nothing is saved"));
  setup = { ...open, tag: "t1b" };
  await page.click(button("Load the file again"));
  await page.until(() => expect(text()).not.toContain("Nothing is saved"));
  await page.click(button("Save"));
  await page.until(() => expect(page.all("form")).toEqual([]));
  const body = {
    name: "on call",
    isDefault: true,
    secret: "hidden",
    form: {
      kind: "email",
      texts: { to: "ann@example.org", smarthost: "mail:587", from: "am@example.org", auth_username: "" },
      flags: { require_tls: true, send_resolved: true },
    },
  };
  const url = "/api/v2/narthex/receiver-setup";
  expect(sent).toEqual([
    { method: "POST", url: `${url}/test`, tag: undefined, isNew: false, body },
    { method: "PUT", url, tag: '"t1"', isNew: false, body },
    { method: "PUT", url, tag: '"t1b"', isNew: false, body },
  ]);
});

test("a new receiver does not replace one with its name", async () => {
  await opened("Add receiver");
  await fillIn({ "Name *": " spare", ...mail });
  expect(text()).toContain("A receiver has this name.");
  expect([button("Save").disabled, button("Send a test").disabled]).toEqual([true, true]);
  await fillIn({ "Name *": "night" });
  expect(text()).not.toContain("A receiver has this name.");
  answers = [Response.json("A receiver with the name night exists.", { status: 409 })];
  await page.click(button("Save"));
  await page.until(() => expect(text()).toContain("Nothing is savedA receiver with the name night exists."));
  expect(sent).toMatchObject([{ tag: '"t1"', isNew: true, body: { name: "night" } }]);
});

const spareTo = (to: string): object => ({
  ...spare,
  form: {
    kind: "email",
    texts: { to, smarthost: "mail:587", from: "am@example.org", auth_username: "" },
    flags: { require_tls: true, send_resolved: true },
    hasSecret: false,
  },
});

async function changeSpare(): Promise<void> {
  await page.draw(<ReceiversPage />);
  await page.until(() => button("More actions for spare"));
  await page.click(button("More actions for spare"));
  await page.until(() => page.find("[role=menuitem]", "Change"));
  await page.click(page.find("[role=menuitem]", "Change"));
}

/** Saves into a file that has changed meanwhile, and loads the file again. */
async function saveTooLate(now: object): Promise<void> {
  answers = [Response.json("The configuration file has changed.", { status: 412 })];
  await page.until(() => expect(button("Save").disabled).toBe(false));
  await page.click(button("Save"));
  await page.until(() => button("Load the file again"));
  setup = now;
  await page.click(button("Load the file again"));
  await page.until(() => expect(text()).not.toContain("Nothing is saved"));
}

test("a receiver that another administrator has deleted does not come back", async () => {
  setup = { ...open, receivers: [silent, spareTo("ann@example.org")] };
  await changeSpare();
  await saveTooLate({ ...open, tag: "t3", receivers: [silent] });
  expect(text()).toContain("This receiver is no longer in the file.");
  expect([button("Save").disabled, button("Send a test").disabled]).toEqual([true, true]);
});

test("a new receiver does not take the place of a default one that was set up meanwhile", async () => {
  await opened("Add receiver");
  await fillIn({ "Name *": "night", ...mail });
  await saveTooLate({ ...open, tag: "t3", receivers: [{ ...spareTo("eve@example.org"), ...silent }, spare] });
  await page.click(button("Save"));
  await page.until(() => expect(page.all("form")).toEqual([]));
  expect(sent).toMatchObject([
    { tag: '"t1"', body: { name: "night", isDefault: true } },
    { tag: '"t3"', body: { name: "night", isDefault: false } },
  ]);
});

test("if the receiver has changed in the file, the form shows the new values and saves them", async () => {
  setup = { ...open, receivers: [silent, spareTo("ann@example.org")] };
  await changeSpare();
  await page.until(() => page.find("form", "Receiver"));
  await fillIn({ "From *": "alerts@example.org" });
  setup = { ...open, tag: "t2", receivers: [silent, spareTo("bob@example.org")] };
  answers = [Response.json("the file has changed", { status: 412 })];
  await page.click(button("Save"));
  await page.until(() => button("Load the file again"));
  await page.click(button("Load the file again"));
  await page.until(() => expect(text()).toContain("The form shows the file as it is now."));
  expect(page.field("To *").value).toBe("bob@example.org");
  expect(page.field("From *").value).toBe("am@example.org");
  await page.click(button("Save"));
  await page.until(() => expect(page.all("form")).toEqual([]));
  expect(sent).toMatchObject([
    { tag: '"t1"', body: { form: { texts: { to: "ann@example.org", from: "alerts@example.org" } } } },
    { tag: '"t2"', isNew: false, body: { form: { texts: { to: "bob@example.org", from: "am@example.org" } } } },
  ]);
});

test("a receiver becomes the default one, and is deleted after a question", async () => {
  await page.draw(<ReceiversPage />);
  await page.until(() => button("More actions for spare"));
  await page.click(button("More actions for spare"));
  await page.until(() => page.find("[role=menuitem]", "Make it the default"));
  await page.click(page.find("[role=menuitem]", "Make it the default"));
  await page.until(() => expect(sent).toHaveLength(1));
  answers = [Response.json("A route names this receiver.", { status: 409 })];
  await page.click(button("More actions for spare"));
  await page.until(() => page.find("[role=menuitem]", "Delete"));
  await page.click(page.find("[role=menuitem]", "Delete"));
  await page.until(() => button("Delete"));
  await page.click(button("Delete"));
  await page.until(() => expect(text()).toContain("Nothing is changedA route names this receiver."));
  expect(sent).toEqual([
    {
      method: "PUT",
      url: "/api/v2/narthex/receiver-setup",
      tag: '"t1"',
      isNew: false,
      body: { name: "spare", isDefault: true },
    },
    { method: "DELETE", url: "/api/v2/narthex/receiver-setup?name=spare", tag: '"t2"', isNew: false, body: undefined },
  ]);
});

test("the error of the last change is shown", async () => {
  await page.draw(<ReceiversPage />);
  await page.until(() => button("More actions for spare"));
  const choose = async (item: string): Promise<void> => {
    await page.click(button("More actions for spare"));
    await page.until(() => page.find("[role=menuitem]", item));
    await page.click(page.find("[role=menuitem]", item));
  };
  answers = [Response.json("The first error.", { status: 500 }), Response.json("The second error.", { status: 500 })];
  await choose("Make it the default");
  await page.until(() => expect(text()).toContain("The first error."));
  await choose("Delete");
  await page.until(() => button("Delete"));
  await page.click(button("Delete"));
  await page.until(() => expect(text()).toContain("The second error."));
  expect(text()).not.toContain("The first error.");
});

test("if the file cannot be changed, the form shows the lines, the file and the reason", async () => {
  setup = { isOn: false, file: "/etc/<am>.yml", reason: "The file is read-only." };
  await opened("Set up on call");
  await fillIn({ "To *": "ann@example.org" });
  const [lines] = page.all<HTMLTextAreaElement>("textarea");
  expect(lines!.value).toContain('  - name: "on call"\n    email_configs:\n      - to: "ann@example.org"\n');
  expect(text()).toContain("The file is read-only.");
  expect(text()).toContain("Put the lines into /etc/<am>.yml.");
  expect(page.all("button").map((one) => one.textContent)).not.toContain("Save");
});

test("if the server refuses to show the file, the page says why", async () => {
  vi.stubGlobal("fetch", async (url: string) =>
    url.includes("/api/v2/receivers")
      ? Response.json([{ name: "on call", integrations: [] }])
      : Response.json("Requests for the host are refused.", { status: 403 }),
  );
  await page.draw(<ReceiversPage />);
  await page.until(() => expect(text()).toContain("Requests for the host are refused."));
  expect([button("Add receiver").disabled, button("Set up on call").disabled]).toEqual([true, true]);
});
